"""Writes of the login policy, and what keeps administration apart where it says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import policies
from onepoint.accounts.models import LoginPolicy, User
from onepoint.accounts.services.recording import apply_changes, journal
from onepoint.accounts.services.second_factors import send_away_who_lack
from onepoint.accounts.states import SecondFactorFor
from onepoint.core.errors import InvalidInput, require

_CHANGEABLE = frozenset(
    {"idle_minutes", "password_days", "one_session_only", "second_factor", "are_administrators_apart"}
)


@transaction.atomic
def change_login_policy(*, by: User | None, **values: Any) -> LoginPolicy:
    """Change idle_minutes (5–30), password_days (0: never), one_session_only, second_factor or are_administrators_apart.

    Whoever now lacks a second factor is logged out and sets it up at the next login; the actor himself stays.
    Raises InvalidInput, and PartsMeet while somebody holds two parts of administration that shall lie apart.
    """
    require(policies.why_not_permitted("role.manage", by))
    if not 5 <= values.get("idle_minutes", 5) <= 30:
        raise InvalidInput({"idle_minutes": _("Between 5 and 30 minutes.")})
    if values.get("second_factor", SecondFactorFor.NOBODY) not in SecondFactorFor.values:
        raise InvalidInput({"second_factor": _("Choose one of these.")})
    LoginPolicy.objects.get_or_create(pk=1)
    policy = LoginPolicy.objects.select_for_update().get(pk=1)
    if changes := apply_changes(policy, values, _CHANGEABLE):
        require(policies.why_not_apart(policy))
        journal("login_policy.changed", policy, by=by, changes=changes)
    if "second_factor" in changes:
        send_away_who_lack(policy, by=by)
    return policy


@contextmanager
def keeping_administrators_apart() -> Iterator[None]:
    """Raises PartsMeet when what happens inside gives one account two parts of administration that must lie apart."""
    # Two changes at once must see each other.
    policy = LoginPolicy.objects.select_for_update().filter(pk=1).first()
    yield
    if policy is not None:
        require(policies.why_not_apart(policy))
