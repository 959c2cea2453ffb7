"""Writes of delegations: somebody is away and a deputy acts in his name."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts import policies, queries, signals
from onepoint.accounts.models import Delegation, Role, User
from onepoint.accounts.services.recording import announce_access, journal
from onepoint.accounts.states import WorkKind
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean

#: Any number, the same everywhere: two delegations made at once must see each other, or they could make a circle.
_LOCK = 4_107_002


@transaction.atomic
def delegate_work(
    absentee: User,
    *,
    deputy: User,
    starts_at: datetime,
    ends_at: datetime,
    by: User | None,
    work: Sequence[str] = (),
    roles: Sequence[Role] = (),
    note: str = "",
) -> Delegation:
    """Let ``deputy`` do the work of ``absentee`` in his name between two moments; limited by kind and role, or all.

    Raises InvalidInput for impossible times, DelegatedAlready, DelegationGoesRound, NotInUse.
    """
    require(policies.why_not_delegate(absentee, by))
    _require_sense(absentee, deputy, starts_at, ends_at, work)
    require(policies.why_not_delegate_to(absentee, deputy))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    standing = queries.delegations_during(starts_at, ends_at)
    require(policies.why_not_at_that_time(absentee, deputy, starts_at, ends_at, standing))
    delegation = Delegation.objects.create(
        absentee=absentee,
        deputy=deputy,
        starts_at=starts_at,
        ends_at=ends_at,
        work=list(dict.fromkeys(work)),
        note=clean(note)[:200],
        created_at=clock.now(),
        created_by=by,
    )
    delegation.roles.set(roles)
    _record("person.work_delegated", delegation, by, roles=[role.code for role in roles], work=delegation.work)
    signals.work_delegated.send(sender=Delegation, delegation=delegation, by=by)
    return delegation


def _require_sense(absentee: User, deputy: User, starts_at: datetime, ends_at: datetime, work: Sequence[str]) -> None:
    errors = {}
    if absentee.pk == deputy.pk:
        errors["deputy"] = _("Choose somebody else.")
    if ends_at <= starts_at:
        errors["ends_at"] = _("The end lies before the beginning.")
    elif ends_at <= clock.now():
        errors["ends_at"] = _("This time is over already.")
    if set(work) - set(WorkKind.values):
        errors["work"] = _("Please choose from the list.")
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: User | None) -> Delegation:
    """The absentee is back early (or will not leave): from now on the deputy acts in his own name only."""
    delegation = Delegation.objects.select_for_update().get(pk=delegation.pk)
    require(policies.why_not_end_delegation(delegation, by))
    delegation.ended_at = clock.now()
    delegation.save(update_fields=["ended_at"])
    _record("person.delegation_ended", delegation, by)
    signals.delegation_ended.send(sender=Delegation, delegation=delegation, by=by)
    return delegation


def _record(verb: str, delegation: Delegation, by: User | None, **facts: object) -> None:
    absentee, deputy = delegation.absentee, delegation.deputy
    journal(
        verb,
        absentee,
        by=by,
        deputy=deputy.username,
        name=deputy.name,
        starts_at=delegation.starts_at.isoformat(),
        ends_at=delegation.ends_at.isoformat(),
        **facts,
    )
    for person in (absentee, deputy):
        announce_access(person)
