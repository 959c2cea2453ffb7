"""What ``./onepoint verify`` proves of people: parts of administration lie apart, second factors can be read."""

from onepoint.accounts import queries
from onepoint.accounts.models import RoleGrant, SecondFactor
from onepoint.core import sealing
from onepoint.core.verifying import Report, register_check


@register_check("accounts.parts", "Where administration is kept apart, no account holds two parts of it", "roles given")
def check_parts(report: Report) -> None:
    report.look(RoleGrant.objects.count())
    met = queries.holders_of_two_parts()
    if queries.are_administrators_apart():
        for username, parts in met.items():
            report.fault(username, f"holds {' and '.join(sorted(parts))} administration")
    elif met:
        report.note(f"administration is not kept apart; {len(met)} people hold more than one part of it")


@register_check("accounts.second-factors", "Every authenticator's secret can be read with the present key", "people")
def check_second_factors(report: Report) -> None:
    for username, sealed in SecondFactor.objects.values_list("user__username", "sealed_secret").iterator():
        report.look()
        try:
            sealing.unseal(sealed)["totp"]
        except (sealing.SealBroken, KeyError):
            report.fault(username, "the secret of the authenticator cannot be read: was the secret key changed?")
