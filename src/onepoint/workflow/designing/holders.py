"""Who would get a task, in words: the names behind candidate keys."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from onepoint.accounts.models import Group, InterfacePerson, OrgUnit, Region, Role, User
from onepoint.core.text import whole_number
from onepoint.workflow.candidates import Found


def _numbers(keys: Iterable[str], letter: str) -> list[int]:
    found = (whole_number(key[1:]) for key in keys if key[:1] == letter)
    return [number for number in found if number is not None]


def holders_of(found: Found) -> list[str]:
    """One line for each person, group, unit or role that answers; empty where nobody does."""
    if found.assignee_id:
        return [person.label for person in User.objects.filter(pk=found.assignee_id)]
    keys = found.candidate_keys
    lines = [person.label for person in User.objects.filter(pk__in=_numbers(keys, "P"))]
    lines += [_("everybody of %s") % unit.label for unit in OrgUnit.objects.filter(pk__in=_numbers(keys, "U"))]
    posts = InterfacePerson.objects.filter(unit_id__in=_numbers(keys, "I")).select_related("user", "unit")
    lines += [f"{post.user.label} ({post.unit.label})" for post in posts.order_by("rank", "pk")]
    lines += [_("group %s") % group.label for group in Group.objects.filter(pk__in=_numbers(keys, "G"))]
    return lines + _roles(keys)


def _roles(keys: Iterable[str]) -> list[str]:
    """``A:role``, with ``@R…`` of a region and all above it or ``@U…`` of a unit: shown with the innermost place."""
    places: dict[str, list[str]] = {}
    for key in keys:
        if key.startswith("A:"):
            role, _at, place = key[2:].partition("@")
            places.setdefault(role, []).append(place)
    labels = {role.code: role.label for role in Role.objects.filter(code__in=places)}
    return [_role_line(labels.get(role, role), found) for role, found in places.items()]


def _role_line(label: str, places: list[str]) -> str:
    regions = [int(place[1:]) for place in places if place.startswith("R")]
    units = [int(place[1:]) for place in places if place.startswith(("U", "="))]
    place: Region | OrgUnit | None = None
    if regions:
        place = Region.objects.filter(pk__in=regions).order_by("-path").first()
    elif units:
        place = OrgUnit.objects.filter(pk__in=units).order_by("-path").first()
    return f"{label} ({place.label})" if place else label
