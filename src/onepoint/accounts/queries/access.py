"""What a person may do, and how far each right reaches, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from onepoint.accounts import permissions
from onepoint.accounts.levels import level_choices
from onepoint.accounts.models import RoleGrant, User
from onepoint.accounts.queries.staff import grants_of
from onepoint.accounts.states import DataScope


@dataclass(frozen=True)
class Right:
    """One permission of a person with the parts of the organisation it reaches."""

    label: str | Promise
    reaches: list[str]


def reach_in_words(grant: RoleGrant) -> str:
    """How far one grant reaches: the unit, the region or the named ones, and customers of which levels."""
    place = _place_in_words(grant)
    if not grant.is_limited:
        return place
    names = dict(level_choices())
    lowest = names.get(grant.lowest_level, grant.lowest_level)
    highest = names.get(grant.highest_level, grant.highest_level)
    if lowest and highest:
        levels = _("customers from %(lowest)s to %(highest)s") % {"lowest": lowest, "highest": highest}
    elif lowest:
        levels = _("customers from %(lowest)s upwards") % {"lowest": lowest}
    else:
        levels = _("customers up to %(highest)s") % {"highest": highest}
    return f"{place} ({levels})"


def _place_in_words(grant: RoleGrant) -> str:
    unit, region = grant.unit.label, grant.unit.region
    if grant.reach == DataScope.ALL:
        return _("everything")
    if grant.reach == DataScope.OWN:
        return _("own work only")
    if grant.reach == DataScope.OWN_UNIT:
        return unit
    if grant.reach == DataScope.UNIT_AND_BELOW:
        return _("%(unit)s and below") % {"unit": unit}
    if grant.reach == DataScope.OWN_REGION:
        return _("region %(region)s") % {"region": region.label} if region else _("own work only")
    if grant.reach == DataScope.BUSINESS_LINES:
        return _("business lines %(lines)s") % {"lines": ", ".join(line.label for line in grant.business_lines.all())}
    named = [*(one.label for one in grant.units.all()), *(one.label for one in grant.regions.all())]
    return _("%(places)s and below") % {"places": ", ".join(named)} if named else _("own work only")


def access_of(person: User) -> list[tuple[str | Promise, list[Right]]]:
    """The person's rights under their nouns; "everything" swallows the rest."""
    grants = person.active_grants if person.is_active else []
    shown: list[tuple[str | Promise, list[Right]]] = []
    for noun, members in permissions.permissions_by_heading():
        rights = []
        for permission in members:
            holding = [grant for grant in grants if permission.code in grant.role.permissions]
            if not holding:
                continue
            if any(grant.reach == DataScope.ALL and not grant.is_limited for grant in holding):
                reaches = [_("everything")]
            else:
                reaches = list(dict.fromkeys(reach_in_words(grant) for grant in holding))
            rights.append(Right(permission.label, reaches))
        if rights:
            shown.append((noun, rights))
    return shown


def grants_in_words(person: User) -> list[RoleGrant]:
    """Every role given to a person, each with its ``reach_in_words``."""
    grants = list(grants_of(person))
    for grant in grants:
        grant.reach_in_words = reach_in_words(grant)  # type: ignore[attr-defined]
    return grants
