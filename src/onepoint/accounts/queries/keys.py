"""Candidate keys: which tasks a person answers for, by himself and while standing in for others."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import F, QuerySet, Value
from django.utils import timezone

from onepoint.accounts.levels import levels_between
from onepoint.accounts.models import (
    Appointment,
    Delegation,
    Group,
    InterfacePerson,
    OrgUnit,
    Region,
    RoleGrant,
    Shift,
    User,
)
from onepoint.accounts.queries.rosters import duties_at
from onepoint.accounts.states import DataScope, WorkKind
from onepoint.core import clock

#: Which kind of work a candidate key belongs to, by its letter; roles (``A``) are delegated by name.
_WORK = {
    "P": WorkKind.PERSONAL,
    "U": WorkKind.UNIT,
    "I": WorkKind.INTERFACE,
    "G": WorkKind.GROUP,
    "D": WorkKind.GROUP,
}
_AWAY = "<"  # not a key: the id beside it is of somebody this person stands in for


def candidate_keys(user: User) -> list[str]:
    """All candidate keys this person answers to (see the capability's docstring); kept for the request.

    Those of people he stands in for are among them. A role is answered for the region or unit its data scope reaches:
    the task carries the keys of its region and all regions above it, so a person only needs the topmost ones. One query
    beyond ``User.active_grants``; a few more for each person he stands in for.
    """
    keys = set(own_keys(user))
    for delegated in delegated_keys(user).values():
        keys |= delegated
    return sorted(keys)


def own_keys(user: User) -> frozenset[str]:
    """The keys a person answers to in his own name."""
    return _keys_and_absentees(user)[0]


def delegated_keys(user: User) -> Mapping[int, frozenset[str]]:
    """By the id of each person ``user`` stands in for now, directly or by a chain: the keys answered in that name."""
    cached: dict[int, frozenset[str]] | None = user.__dict__.get("_delegated_keys")
    if cached is None:
        cached = user.__dict__["_delegated_keys"] = (
            user.kept("delegated keys", lambda: _chain(user), until=end_of_keys) if _keys_and_absentees(user)[1] else {}
        )
    return cached


def principal_of(user: User, keys: Collection[str], assignee_id: int | None) -> int | None:
    """In whose name a person would act on a task with these keys; None when he acts in his own or may not at all."""
    for absentee_id, delegated in delegated_keys(user).items():
        if assignee_id is None:
            if not delegated.isdisjoint(keys) and own_keys(user).isdisjoint(keys):
                return absentee_id
        elif assignee_id == absentee_id and _covers(delegated, keys, absentee_id):
            return absentee_id
    return None


def _covers(delegated: frozenset[str], keys: Collection[str], absentee_id: int) -> bool:
    return f"P{absentee_id}" in delegated or not delegated.isdisjoint(keys)


def _keys_and_absentees(user: User) -> tuple[frozenset[str], bool]:
    cached: tuple[frozenset[str], bool] | None = user.__dict__.get("_own_keys")
    if cached is None:
        cached = user.kept(f"own keys in {user.unit_id}", lambda: _compute_own_keys(user), until=end_of_keys)
        user.__dict__["_own_keys"] = cached
    return cached


def _compute_own_keys(user: User) -> tuple[frozenset[str], bool]:
    now = clock.now()
    keys = {f"P{user.pk}"}
    if user.unit_id:
        keys.add(f"U{user.unit_id}")
    posts = _posts(Appointment.objects.in_force(clock.today()).filter(user=user), "U", "position__unit_id").union(
        _posts(InterfacePerson.objects.filter(user=user), "I", "unit_id"),
        _posts(Group.objects.filter(members=user, is_active=True), "G", "pk"),
        _posts(duties_at(now).filter(people=user), "D", "shift__roster_id"),
        _posts(Delegation.objects.in_force(now).filter(deputy=user), _AWAY, "absentee_id"),
    )
    found = list(posts)
    keys.update(f"{letter}{pk}" for letter, pk in found if letter != _AWAY)
    for grant in user.active_grants:
        keys.update(_keys_of_grant(grant))
    return frozenset(keys), any(letter == _AWAY for letter, _pk in found)


def end_of_keys() -> datetime:
    """Until when keys stay as they are if nobody changes anything: the next shift, delegation or day begins."""
    now = clock.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    standing = Delegation.objects.standing(now).order_by()
    moments = standing.values_list("starts_at", flat=True).union(standing.values_list("ends_at", flat=True))
    ends = [moment for moment in moments if moment > now]
    shifts = Shift.objects.filter(roster__is_active=True).order_by()
    for time in shifts.values_list("starts", flat=True).union(shifts.values_list("ends", flat=True)):
        turn = timezone.localtime(now).replace(hour=time.hour, minute=time.minute, second=time.second, microsecond=0)
        ends += [turn] if turn > now else []
    return min([midnight, *ends])


def _posts(rows: QuerySet, letter: str, column: str) -> QuerySet:
    return rows.order_by().annotate(letter=Value(letter), key=F(column)).values_list("letter", "key")


def _chain(user: User) -> dict[int, frozenset[str]]:
    """Everybody whose work reaches ``user`` by delegations in force, with the keys that reach him.

    What B does for A is limited twice when B is away too: by what A left to B and by what B left to this person.
    """
    reached: dict[int, set[str]] = {}
    frontier: dict[int, list[tuple[Delegation, ...]]] = {user.pk: [()]}
    while frontier:
        following: dict[int, list[tuple[Delegation, ...]]] = {}
        for delegation in _given_to(frontier):
            for way in frontier[delegation.deputy_id]:
                # Loops are refused when a delegation is made; a way never passes the same person twice all the same.
                if delegation.absentee_id == user.pk or any(step.absentee_id == delegation.absentee_id for step in way):
                    continue
                longer = (*way, delegation)
                keys = {key for key in own_keys(delegation.absentee) if all(_lets(step, key) for step in longer)}
                reached.setdefault(delegation.absentee_id, set()).update(keys)
                following.setdefault(delegation.absentee_id, []).append(longer)
        frontier = following
    return {absentee_id: frozenset(keys) for absentee_id, keys in reached.items() if keys}


def _given_to(deputies: Iterable[int]) -> list[Delegation]:
    given = Delegation.objects.in_force(clock.now()).filter(deputy__in=list(deputies))
    return list(given.select_related("absentee").prefetch_related("roles").order_by("pk"))


def _lets(delegation: Delegation, key: str) -> bool:
    """Whether work under this key was left to the deputy."""
    roles = delegation.roles.all()
    if not delegation.work and not roles:
        return True
    if key.startswith("A:"):
        return key[2:].partition("@")[0] in {role.code for role in roles}
    return _WORK.get(key[0], "") in delegation.work


def _keys_of_grant(grant: RoleGrant) -> Iterable[str]:
    """The keys a role is answered by; limited to customers of some levels, those of a task that says its level."""
    if not grant.is_limited:
        return _places_of_grant(grant)
    levels = levels_between(grant.lowest_level, grant.highest_level)
    return (key_of_level(key, level) for key in _places_of_grant(grant) for level in levels)


def key_of_level(key: str, level_id: int) -> str:
    """A role's key for customers of one level (0: of none)."""
    return f"{key}#L{level_id}"


def _places_of_grant(grant: RoleGrant) -> Iterable[str]:
    code, reach = grant.role.code, grant.reach
    # "@=" answers for that unit alone; "@U" for the unit and everything below it.
    yield f"A:{code}@{'=' if reach in (DataScope.OWN, DataScope.OWN_UNIT) else 'U'}{grant.unit_id}"
    if reach == DataScope.ALL:
        yield f"A:{code}"
    elif reach == DataScope.OWN_REGION and grant.unit.region_id:
        yield f"A:{code}@R{grant.unit.region_id}"
    elif reach == DataScope.NAMED:
        yield from (f"A:{code}@R{region.pk}" for region in grant.regions.all())
        yield from (f"A:{code}@U{unit.pk}" for unit in grant.units.all())
    elif reach == DataScope.BUSINESS_LINES:
        yield from (f"A:{code}@B{line.pk}" for line in grant.business_lines.all())


def role_keys(
    role_code: str, region: Region | None = None, unit: OrgUnit | None = None, line_id: int | None = None
) -> list[str]:
    """Candidate keys of a task for a role: that role anywhere, for the region or any above it, for the unit or any above.

    With a business line also whoever has the role for that line.
    """
    keys = [f"A:{role_code}"]
    if region:
        keys += [f"A:{role_code}@R{ancestor}" for ancestor in region.ancestor_ids]
    if unit:
        keys += [f"A:{role_code}@={unit.pk}", *(f"A:{role_code}@U{ancestor}" for ancestor in unit.ancestor_ids)]
    if line_id:
        keys.append(f"A:{role_code}@B{line_id}")
    return keys
