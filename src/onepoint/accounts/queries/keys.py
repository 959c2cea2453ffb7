"""Candidate keys: which tasks a person answers for."""

from collections.abc import Iterable

from django.db.models import F, QuerySet, Value

from onepoint.accounts.models import Appointment, Group, InterfacePerson, OrgUnit, Region, RoleGrant, User
from onepoint.accounts.states import DataScope


def candidate_keys(user: User) -> list[str]:
    """All candidate keys this person answers to (see the capability's docstring); kept for the request.

    A role is answered for the region or unit its data scope reaches: the task carries the keys of its region and all
    regions above it, so a person only needs the topmost ones. At most two queries beyond ``User.active_grants``.
    """
    cached = user.__dict__.get("_candidate_keys")
    if cached is None:
        cached = user.__dict__["_candidate_keys"] = _compute_candidate_keys(user)
    return cached


def _compute_candidate_keys(user: User) -> list[str]:
    keys = {f"P{user.pk}"}
    if user.unit_id:
        keys.add(f"U{user.unit_id}")
    posts = _posts(Appointment.objects.filter(user=user), "U", "position__unit_id").union(
        _posts(InterfacePerson.objects.filter(user=user), "I", "unit_id"),
        _posts(Group.objects.filter(members=user, is_active=True), "G", "pk"),
    )
    keys.update(f"{letter}{pk}" for letter, pk in posts)
    for grant in user.active_grants:
        keys.update(_keys_of_grant(grant))
    return sorted(keys)


def _posts(rows: QuerySet, letter: str, column: str) -> QuerySet:
    return rows.order_by().annotate(letter=Value(letter), key=F(column)).values_list("letter", "key")


def _keys_of_grant(grant: RoleGrant) -> Iterable[str]:
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


def role_keys(role_code: str, region: Region | None = None, unit: OrgUnit | None = None) -> list[str]:
    """Candidate keys of a task for a role: that role anywhere, for the region or any above it, for the unit or any above."""
    keys = [f"A:{role_code}"]
    if region:
        keys += [f"A:{role_code}@R{ancestor}" for ancestor in region.ancestor_ids]
    if unit:
        keys += [f"A:{role_code}@={unit.pk}", *(f"A:{role_code}@U{ancestor}" for ancestor in unit.ancestor_ids)]
    return keys
