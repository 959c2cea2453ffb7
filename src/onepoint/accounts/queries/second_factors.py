"""Reads of second factors: who has one, and who must."""

from collections.abc import Iterable

from onepoint.accounts import permissions
from onepoint.accounts.models import LoginPolicy, SecondFactor, User
from onepoint.accounts.queries.login_policy import login_policy
from onepoint.accounts.states import SecondFactorFor

#: Whoever holds one of these sees personal data in full.
RAW_DATA = frozenset({"personal_data.see_phone", "personal_data.see_identity", "personal_data.see_address"})


def second_factor_of(person: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=person).first()


def unused_recovery_codes(person: User) -> int:
    """How many recovery codes are left."""
    return person.recovery_codes.filter(used_at=None).count()


def must_have_second_factor(person: User, policy: LoginPolicy | None = None) -> bool:
    """Whether the login policy asks this person for a second factor."""
    wanted = (policy or login_policy()).second_factor
    if wanted in (SecondFactorFor.NOBODY, SecondFactorFor.EVERYBODY):
        return wanted == SecondFactorFor.EVERYBODY
    concerned = set(permissions.guarded_codes())
    if wanted == SecondFactorFor.PERSONAL_DATA:
        concerned |= RAW_DATA
    return bool(concerned & person.permission_codes)


def lacks_second_factor(person: User, policy: LoginPolicy | None = None) -> bool:
    """Whether this person must have a second factor and has none."""
    return must_have_second_factor(person, policy) and second_factor_of(person) is None


def people_lacking_second_factor(people: Iterable[User], policy: LoginPolicy) -> list[User]:
    """Those of the people who must have a second factor and have none."""
    people = list(people)
    with_one = set(SecondFactor.objects.filter(user__in=people).values_list("user_id", flat=True))
    return [one for one in people if one.pk not in with_one and must_have_second_factor(one, policy)]
