"""Turning rows into tickets through the services, each at its own moment; what came in stays in, whatever happens next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import DatabaseError, transaction

from onepoint.accounts import services as accounts_services
from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.states import RegionKind, UnitKind
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.tickets import services
from onepoint.tickets.importing.mapping import Mapping, MappingProblem, Place, RowProblem, as_text
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.states import TicketKind, Urgency

#: Rows per transaction: a kill loses at most this many, and the next run brings them in.
BATCH = 50
CREATED, PRESENT, FAILED = "created", "already there", "failed"


@dataclass(frozen=True)
class Result:
    """What became of one row (``row`` counts data rows from 1)."""

    row: int
    external_number: str
    outcome: str
    ticket_number: str = ""
    reason: str = ""


class Importer:
    """One run over one file: what the mapping names is looked up once, then rows go in batch by batch."""

    def __init__(self, mapping: Mapping, *, by: User | None, dry_run: bool = False) -> None:
        self.mapping = mapping
        self.by = by
        self.dry_run = dry_run
        self.regions: dict[str, Region] = {}
        self.units: dict[str, OrgUnit] = {}
        self.categories = {
            category.code: category for category in Category.objects.filter(code__in=mapping.category_codes)
        }
        if missing := mapping.category_codes - self.categories.keys():
            raise MappingProblem(f"there is no category {', '.join(sorted(missing))}")
        self.severity = self._severity()
        self.present: dict[str, str] = dict(
            Ticket.objects.filter(external_source=mapping.source).values_list("external_number", "number")
        )

    def _severity(self) -> Severity | None:
        if not self.mapping.severity:
            return None
        severity = Severity.objects.filter(code=self.mapping.severity).first()
        if severity is None:
            raise MappingProblem(f"there is no severity {self.mapping.severity}")
        return severity

    def run(self, rows: Iterable[dict[str, Any]]) -> Iterator[Result]:
        """Import rows; yields a result per row once its batch is safe (or rolled back in a dry run)."""
        numbered = enumerate(rows, 1)
        while batch := list(islice(numbered, BATCH)):
            yield from self._batch(batch)

    def _batch(self, batch: list[tuple[int, dict[str, Any]]]) -> list[Result]:
        places = (dict(self.regions), dict(self.units))
        with transaction.atomic():
            results = [self._row(number, row) for number, row in batch]
            if self.dry_run:
                transaction.set_rollback(True)
        if self.dry_run:
            self.regions, self.units = places  # those made for this batch are gone again
        self.present.update({r.external_number: r.ticket_number for r in results if r.outcome == CREATED})
        return results

    def _row(self, number: int, row: dict[str, Any]) -> Result:
        external_number = as_text(self.mapping.cell(row, "number"))
        if not external_number:
            return Result(number, "", FAILED, reason="the row has no number")
        if known := self.present.get(external_number):
            return Result(number, external_number, PRESENT, known)
        places = (dict(self.regions), dict(self.units))
        try:
            with transaction.atomic():
                moment = self.mapping.moment(row)
                with clock.at(moment):
                    ticket = services.create_ticket(self._ticket(row, external_number), by=self.by)
        except (RowProblem, BusinessError, DatabaseError) as error:
            self.regions, self.units = places
            return Result(number, external_number, FAILED, reason=" ".join(str(error).split()))
        self.present[external_number] = ticket.number
        return Result(number, external_number, CREATED, ticket.number)

    def _ticket(self, row: dict[str, Any], external_number: str) -> services.NewTicket:
        mapping = self.mapping
        place = mapping.region(row)
        region = self._region(place) if place else None
        title = as_text(mapping.cell(row, "title"))
        return services.NewTicket(
            kind=as_text(mapping.cell(row, "kind")) or mapping.constants.get("kind", TicketKind.COMPLAINT),
            category=self.categories[mapping.category_code(row)],
            title=title or external_number,
            description=self._description(row),
            channel=mapping.channel(row),
            severity=self.severity,
            urgency=mapping.constants.get("urgency", Urgency.NORMAL),
            contact_name=as_text(mapping.cell(row, "contact_name"))[:80],
            contact_phone=as_text(mapping.cell(row, "contact_phone"))[:40],
            region=region,
            unit=self._unit_for(place, region),
            tags=mapping.tags,
            external_source=mapping.source,
            external_number=external_number[:80],
            external_items=mapping.kept_items(row),
        )

    def _description(self, row: dict[str, Any]) -> str:
        if not self.mapping.description:
            return as_text(self.mapping.cell(row, "description"))
        cells = {str(head): as_text(value) for head, value in row.items()}
        try:
            return self.mapping.description.format_map(cells)
        except (KeyError, IndexError, ValueError) as error:
            raise RowProblem(f"description: {error}") from error

    def _region(self, place: Place) -> Region:
        if place.code not in self.regions:
            region = Region.objects.filter(code=place.code).first()
            if region is None:
                parent = self._region(place.parent) if place.parent else None
                region = accounts_services.create_region(
                    code=place.code, name=place.name or place.code, name_en=place.name_en,
                    kind=place.kind or RegionKind.PROVINCE, parent=parent, by=self.by,
                )  # fmt: skip
            self.regions[place.code] = region
        return self.regions[place.code]

    def _unit_for(self, place: Place | None, region: Region | None) -> OrgUnit | None:
        rule = self.mapping.regions
        unit_place = rule.units.get(place.code) if rule and place else None
        if unit_place is None or rule is None:
            return None
        area = rule.unit_regions.get(unit_place.code)
        return self._unit(unit_place, self._region(area) if area else region)

    def _unit(self, place: Place, region: Region | None) -> OrgUnit:
        if place.code not in self.units:
            unit = OrgUnit.objects.filter(code=place.code).select_related("region").first()
            if unit is None:
                parent = self._unit(place.parent, None) if place.parent else None
                unit = accounts_services.create_unit(
                    code=place.code, name=place.name or place.code, name_en=place.name_en,
                    kind=place.kind or UnitKind.CALL_CENTRE, parent=parent, region=region, by=self.by,
                )  # fmt: skip
            self.units[place.code] = unit
        return self.units[place.code]
