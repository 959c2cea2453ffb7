"""Finding parts of the organisation by the codes other systems know them by."""

from onepoint.accounts.models import OrgUnit, Region, TreeQuerySet, User
from onepoint.accounts.queries.staff import matching

__all__ = ["matching", "person_by_staff_number", "region_by_code", "regions", "unit_by_code"]


def unit_by_code(code: str) -> OrgUnit | None:
    """A unit in use; what it may be used for is decided where it is used."""
    return OrgUnit.objects.active().select_related("region").filter(code=code).first()


def region_by_code(code: str) -> Region | None:
    """A region in use."""
    return Region.objects.active().filter(code=code).first()


def person_by_staff_number(username: str) -> User | None:
    """Somebody who may log in."""
    return User.objects.select_related("unit").filter(username=username, is_active=True).first()


def regions() -> TreeQuerySet:
    """Every region, with the one above it."""
    found: TreeQuerySet = Region.objects.select_related("parent")
    return found
