"""Writes of second factors: set up, use, renew, remove."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import policies, queries, totp
from onepoint.accounts.models import LoginPolicy, RecoveryCode, SecondFactor, User
from onepoint.accounts.services.logins import end_all_sessions
from onepoint.accounts.services.recording import journal
from onepoint.core import clock, sealing, throttling
from onepoint.core.errors import BusinessError, InvalidInput, require

CODES = 10
#: Without letters and digits that are mistaken for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_MOST_TRIES, _TRIES_PER = 5, timedelta(minutes=15)


class SecondFactorThere(BusinessError):
    """The person has an authenticator already."""

    code = "second_factor_there"
    message = _("An authenticator app is set up already.")


def accept_second_factor(person: User, code: str, *, by: User) -> None:
    """Take the code of the app, or a recovery code, as proof; none is good twice.

    Call it outside a transaction: the try counts even if what follows is rolled back. Raises TooManyTries after five
    wrong codes within a quarter of an hour, InvalidInput under ``code``.
    """
    key = f"second-factor:{person.pk}"
    if not throttling.within_limit(key, count=_MOST_TRIES, per=_TRIES_PER):
        raise throttling.TooManyTries
    if not _is_accepted(person, re.sub(r"[\s-]", "", code).lower()):
        journal("person.second_factor_wrong", person, by=None)
        raise InvalidInput({"code": _("This code is wrong.")})
    throttling.forget_tries(key)


@transaction.atomic
def _is_accepted(person: User, code: str) -> bool:
    factor = SecondFactor.objects.filter(user=person).first()
    if factor is None:
        return False
    now = clock.now()
    if re.fullmatch(rf"[0-9]{{{totp.DIGITS}}}", code):
        step = totp.find_step(_secret_of(factor), code, now)
        fresh = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step or 0)
        return bool(step and fresh.update(last_step=step, used_at=now))
    spent = person.recovery_codes.filter(digest=_digest(code), used_at=None).update(used_at=now)
    if spent:
        SecondFactor.objects.filter(pk=factor.pk).update(used_at=now)
        journal("person.recovery_code_used", person, by=person, left=queries.unused_recovery_codes(person))
    return bool(spent)


def _secret_of(factor: SecondFactor) -> str:
    return sealing.unseal(factor.sealed_secret)["totp"]


def _digest(code: str) -> str:
    """Keyed, so that a stolen table alone tells nothing."""
    return hmac.new(settings.SECRET_KEY.encode(), f"recovery code {code}".encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def set_up_second_factor(person: User, *, secret: str, code: str, by: User) -> list[str]:
    """Begin to ask a person for codes of the app that holds ``secret``; ``code`` proves that it does.

    Gives the recovery codes, which can be shown only now. Raises SecondFactorThere, InvalidInput under ``code``.
    """
    if by.pk != person.pk:
        raise policies.NotPermitted
    User.objects.select_for_update().get(pk=person.pk)
    if queries.second_factor_of(person):
        raise SecondFactorThere
    step = totp.find_step(secret, re.sub(r"\s", "", code), clock.now())
    if step is None:
        raise InvalidInput({"code": _("This code is wrong. Is the clock of your telephone right?")})
    SecondFactor.objects.create(
        user=person, sealed_secret=sealing.seal({"totp": secret}), last_step=step, set_up_at=clock.now()
    )
    journal("person.second_factor_set_up", person, by=by)
    return _make_recovery_codes(person)


def _make_recovery_codes(person: User) -> list[str]:
    person.recovery_codes.all().delete()
    codes = ["".join(secrets.choice(_LETTERS) for _place in range(10)) for _number in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=person, digest=_digest(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def renew_recovery_codes(person: User, *, code: str, by: User) -> list[str]:
    """New recovery codes in place of the old ones, for a code of the app."""
    if by.pk != person.pk:
        raise policies.NotPermitted
    accept_second_factor(person, code, by=by)
    with transaction.atomic():
        codes = _make_recovery_codes(person)
        journal("person.recovery_codes_renewed", person, by=by)
    return codes


def remove_second_factor(person: User, *, code: str, by: User) -> bool:
    """Give up one's own authenticator for a last code; gives whether the policy now asks for another at once."""
    if by.pk != person.pk:
        raise policies.NotPermitted
    accept_second_factor(person, code, by=by)
    with transaction.atomic():
        _drop(person)
        journal("person.second_factor_removed", person, by=by)
    return queries.must_have_second_factor(person)


@transaction.atomic
def reset_second_factor(person: User, *, by: User | None) -> None:
    """Forget the lost authenticator of somebody else; all his sessions end. He sets up another at his next login."""
    require(policies.why_not_reset_second_factor(person, by))
    _drop(person)
    end_all_sessions(person)
    journal("person.second_factor_reset", person, by=by)


def _drop(person: User) -> None:
    SecondFactor.objects.filter(user=person).delete()
    person.recovery_codes.all().delete()


def send_away_if_lacking(person: User) -> None:
    """End the sessions of somebody whose new rights ask for a second factor he has not."""
    if queries.lacks_second_factor(person):
        end_all_sessions(person)


def send_away_who_lack(policy: LoginPolicy, *, by: User | None) -> int:
    """End the sessions of those the policy asks for a second factor they have not; they set it up at the next login."""
    logged_in = User.objects.filter(is_active=True, usersession__isnull=False).distinct()
    others = logged_in.exclude(pk=by.pk) if by else logged_in
    lacking = queries.people_lacking_second_factor(others, policy)
    for person in lacking:
        end_all_sessions(person)
    return len(lacking)
