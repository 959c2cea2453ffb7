"""Reads of the second axis: business lines, functions, the platforms they share."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from onepoint.accounts.models import BusinessFunction, BusinessLine, OrgUnit, User
from onepoint.accounts.queries.organisation import units
from onepoint.accounts.states import UnitKind
from onepoint.core import stamped


def business_lines() -> QuerySet[BusinessLine]:
    """The lines in use, in their order."""
    return BusinessLine.objects.filter(is_active=True)


def business_functions() -> QuerySet[BusinessFunction]:
    """The functions in use, in their order."""
    return BusinessFunction.objects.filter(is_active=True)


def axis_rows(axis: str) -> QuerySet[Any]:
    """All rows of an axis (``lines`` or ``functions``), those out of use too."""
    return BusinessLine.objects.all() if axis == "lines" else BusinessFunction.objects.all()


def lines_of(unit: OrgUnit) -> list[BusinessLine]:
    """The business lines a unit works for: its own, else those of the nearest unit above that has any.

    One query where they are not kept.
    """

    def find() -> list[BusinessLine]:
        above = OrgUnit.objects.filter(pk__in=unit.ancestor_ids, business_lines__isnull=False).distinct()
        nearest = above.prefetch_related("business_lines").order_by("-path").first()
        return list(nearest.business_lines.all()) if nearest else []

    return stamped.kept("access", ("lines of", unit.path), find)


def platform_for(region_ids: list[int], line_id: int) -> OrgUnit | None:
    """The service platform that serves a line in the last of these regions, or in the nearest one before it."""
    found = OrgUnit.objects.filter(
        kind=UnitKind.PLATFORM, is_active=True, region__in=region_ids, business_lines=line_id
    )
    return found.order_by("-region__path", "position_order", "pk").first()


@dataclass(frozen=True)
class Matrix:
    """Business lines across functions, and the platforms each line uses."""

    lines: list[BusinessLine]
    functions: list[BusinessFunction]
    rows: list[tuple[BusinessLine, list[list[OrgUnit]]]]  # a cell per function
    platforms: list[OrgUnit]
    served: set[tuple[int, int]]  # platform, line

    @property
    def platform_rows(self) -> list[tuple[OrgUnit, list[tuple[BusinessLine, bool]]]]:
        """Each platform with whether it serves each line."""
        return [
            (platform, [(line, (platform.pk, line.pk) in self.served) for line in self.lines])
            for platform in self.platforms
        ]


def matrix(*, visible_to: User) -> Matrix:
    """The matrix as far as the reader sees its units; six queries."""
    lines, functions = list(business_lines()), list(business_functions())
    seen = units(visible_to=visible_to).filter(is_active=True)
    own_lines = Prefetch("business_lines", BusinessLine.objects.filter(is_active=True))
    with_lines = {unit.pk: unit for unit in seen.filter(business_lines__isnull=False).prefetch_related(own_lines)}
    doing = list(seen.filter(function__isnull=False).order_by("path"))
    cells: dict[tuple[int, int | None], list[OrgUnit]] = {}
    for unit in doing:
        nearest = next((with_lines[pk] for pk in reversed(unit.ancestor_ids) if pk in with_lines), None)
        for line in nearest.business_lines.all() if nearest else ():
            cells.setdefault((line.pk, unit.function_id), []).append(unit)
    platforms = list(seen.filter(kind=UnitKind.PLATFORM).order_by("region__path", "path"))
    return Matrix(
        lines,
        functions,
        [(line, [cells.get((line.pk, function.pk), []) for function in functions]) for line in lines],
        platforms,
        {(unit.pk, line.pk) for unit in with_lines.values() for line in unit.business_lines.all()},
    )
