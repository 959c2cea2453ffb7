"""The mapping file: what the columns of somebody's file mean here."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from onepoint.channels.states import Channel
from onepoint.tickets.states import TicketKind, Urgency

FIELDS = ("number", "title", "description", "date", "time", "channel", "contact_name", "contact_phone", "kind")


class MappingProblem(ValueError):
    """What is wrong with a mapping file, for the person who wrote it."""


class RowProblem(ValueError):
    """Why one row cannot become a ticket."""


@dataclass(frozen=True)
class Place:
    """A region or unit the mapping names; made when it does not exist yet."""

    code: str
    name: str = ""
    name_en: str = ""
    kind: str = ""
    parent: "Place | None" = None


@dataclass(frozen=True)
class RegionRule:
    """Values of the region column (folded) → region, and the unit that looks after it."""

    columns: tuple[str, ...]
    regions: dict[str, Place]
    units: dict[str, Place]  # by region code
    unit_regions: dict[str, Place]  # by unit code: the region the unit belongs to, when it has to be made


@dataclass(frozen=True)
class CategoryRule:
    pattern: re.Pattern[str]
    code: str


@dataclass(frozen=True)
class Kept:
    """A column kept with the ticket as it was at the source."""

    column: str
    key: str
    label: str
    label_en: str


@dataclass(frozen=True)
class Mapping:
    """A mapping file, checked."""

    source: str
    columns: dict[str, str]
    zone: ZoneInfo
    date_formats: tuple[str, ...]
    time_formats: tuple[str, ...]
    constants: dict[str, str]
    channels: dict[str, str]
    categories: tuple[CategoryRule, ...]
    category_columns: tuple[str, ...]
    default_category: str
    regions: RegionRule | None = None
    kept: tuple[Kept, ...] = ()
    description: str = ""
    severity: str = ""
    tags: tuple[str, ...] = ()
    category_codes: frozenset[str] = field(default_factory=frozenset)

    def cell(self, row: dict[str, Any], name: str) -> Any:
        """The value of a mapped field in a row; empty where the field is not mapped."""
        column = self.columns.get(name)
        return row.get(column, "") if column else ""

    def moment(self, row: dict[str, Any]) -> datetime:
        """When the row happened, with its time zone. Raises RowProblem."""
        day = self._day(self.cell(row, "date"))
        clock_time = self._time(self.cell(row, "time")) if "time" in self.columns else time(12)
        return datetime.combine(day, clock_time, self.zone)

    def _day(self, value: Any) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        for pattern in self.date_formats:
            try:
                return datetime.strptime(as_text(value), pattern).date()  # noqa: DTZ007
            except ValueError:
                continue
        raise RowProblem(f"date {value!r} has none of the given formats")

    def _time(self, value: Any) -> time:
        if isinstance(value, time):
            return value
        for pattern in self.time_formats:
            try:
                return datetime.strptime(as_text(value).upper(), pattern).time()  # noqa: DTZ007
            except ValueError:
                continue
        raise RowProblem(f"time {value!r} has none of the given formats")

    def category_code(self, row: dict[str, Any]) -> str:
        """The category of the first rule that matches the text columns."""
        text = " ".join(as_text(row.get(column, "")) for column in self.category_columns)
        return next((rule.code for rule in self.categories if rule.pattern.search(text)), self.default_category)

    def region(self, row: dict[str, Any]) -> Place | None:
        """The region of a row. Raises RowProblem for a value the mapping does not know."""
        if self.regions is None:
            return None
        values = [as_text(row.get(column, "")) for column in self.regions.columns]
        for value in values:
            if place := self.regions.regions.get(value.casefold()):
                return place
        raise RowProblem(f"no region for {' / '.join(values)!r}")

    def channel(self, row: dict[str, Any]) -> str:
        """The channel of a row. Raises RowProblem for a value the mapping does not know."""
        value = as_text(self.cell(row, "channel"))
        channel = self.channels.get(value.casefold()) or self.constants.get("channel")
        if channel is None:
            raise RowProblem(f"no channel for {value!r}")
        return channel

    def kept_items(self, row: dict[str, Any]) -> dict[str, dict[str, str]]:
        return {
            kept.key: {"label": kept.label, "label_en": kept.label_en, "value": value}
            for kept in self.kept
            if (value := as_text(row.get(kept.column, "")))
        }


def as_text(value: Any) -> str:
    """A cell as text: whole numbers from a spreadsheet without the ``.0`` it gives them."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value).strip() if value is not None else ""


def _pairs(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MappingProblem(f"“{where}” must be a list of “name: value” lines")
    return value


def _place(written: Any, where: str, parent: Place | None = None) -> Place:
    if isinstance(written, str):
        return Place(code=written, parent=parent)
    written = _pairs(written, where)
    if not written.get("code"):
        raise MappingProblem(f"“{where}” has no code")
    above = _place(written["parent"], where) if written.get("parent") else parent
    return Place(
        code=str(written["code"]), name=written.get("name", ""), name_en=written.get("name_en", ""),
        kind=written.get("kind", ""), parent=above,
    )  # fmt: skip


def _region_rule(written: dict[str, Any]) -> RegionRule:
    """``groups`` of regions: each has a region of its own, a unit, and members (value of the column → region below it)."""
    root = _place(written["under"], "regions.under") if written.get("under") else None
    regions: dict[str, Place] = {}
    units: dict[str, Place] = {}
    unit_regions: dict[str, Place] = {}
    for number, group in enumerate(written.get("groups", []), 1):
        where = f"regions.groups[{number}]"
        area = _place(group, where, root)
        unit = _place(group["unit"], f"{where}.unit") if group.get("unit") else None
        if unit:
            unit_regions[unit.code] = area
        for value, member in _pairs(group.get("members", {}), f"{where}.members").items():
            place = _place(member, f"{where}.members.{value}", area)
            regions[str(value).casefold()] = place
            if unit:
                units[place.code] = unit
    if not regions:
        raise MappingProblem("“regions” names no region")
    columns = written.get("column", [])
    return RegionRule(tuple([columns] if isinstance(columns, str) else columns), regions, units, unit_regions)


def _category_rules(written: dict[str, Any]) -> tuple[CategoryRule, ...]:
    rules = []
    for number, rule in enumerate(written.get("rules", []), 1):
        try:
            rules.append(CategoryRule(re.compile(rule["match"], re.IGNORECASE), rule["category"]))
        except (re.error, KeyError, TypeError) as error:
            raise MappingProblem(f"category rule {number}: {error}") from error
    return tuple(rules)


def _one_of(value: Any, allowed: list[str], where: str) -> str:
    if value not in allowed:
        raise MappingProblem(f"“{where}”: {value!r} is none of {', '.join(allowed)}")
    return str(value)


def _channels(written: dict[str, Any]) -> dict[str, str]:
    return {str(value).casefold(): _one_of(name, Channel.values, "channels") for value, name in written.items()}


def _constants(written: dict[str, Any]) -> dict[str, str]:
    allowed = {"kind": TicketKind.values, "urgency": Urgency.values, "channel": Channel.values}
    if unknown := set(written) - set(allowed):
        raise MappingProblem(f"“constants” knows {', '.join(allowed)}, not {', '.join(sorted(unknown))}")
    return {name: _one_of(value, allowed[name], f"constants.{name}") for name, value in written.items()}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MappingProblem(f"“zone”: there is no time zone {name!r}") from error


def _formats(value: Any, default: str) -> tuple[str, ...]:
    return tuple([value] if isinstance(value, str) else value or [default])


def read_mapping(text: str) -> Mapping:
    """Read and check a mapping. Raises MappingProblem."""
    try:
        written = _pairs(yaml.safe_load(text), "mapping")
    except yaml.YAMLError as error:
        raise MappingProblem(str(error)) from error
    for needed in ("source", "columns", "categories"):
        if needed not in written:
            raise MappingProblem(f"“{needed}” is missing")
    columns = _pairs(written["columns"], "columns")
    if unknown := set(columns) - set(FIELDS):
        raise MappingProblem(f"“columns” knows {', '.join(FIELDS)}, not {', '.join(sorted(unknown))}")
    if missing := {"number", "title", "date"} - set(columns):
        raise MappingProblem(f"“columns” lacks {', '.join(sorted(missing))}")
    categories = _pairs(written["categories"], "categories")
    rules = _category_rules(categories)
    default = str(categories.get("default", ""))
    if not default:
        raise MappingProblem("“categories.default” is missing")
    text_columns = categories.get("column", columns["title"])
    return Mapping(
        source=str(written["source"])[:60],
        columns={name: str(column) for name, column in columns.items()},
        zone=_zone(str(written.get("zone", "Asia/Shanghai"))),
        date_formats=_formats(written.get("date_formats"), "%Y-%m-%d"),
        time_formats=_formats(written.get("time_formats"), "%H:%M:%S"),
        constants=_constants(_pairs(written.get("constants", {}), "constants")),
        channels=_channels(_pairs(written.get("channels", {}), "channels")),
        categories=rules,
        category_columns=tuple([text_columns] if isinstance(text_columns, str) else text_columns),
        default_category=default,
        regions=_region_rule(_pairs(written["regions"], "regions")) if written.get("regions") else None,
        kept=tuple(
            Kept(str(column), str(kept["key"]), str(kept["label"]), str(kept.get("label_en", "")))
            for column, kept in _pairs(written.get("keep", {}), "keep").items()
        ),
        description=str(written.get("description", "")),
        severity=str(written.get("severity", "")),
        tags=tuple(str(tag) for tag in written.get("tags", [])),
        category_codes=frozenset({default, *(rule.code for rule in rules)}),
    )


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises MappingProblem, also when it cannot be read."""
    try:
        return read_mapping(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingProblem(str(error)) from error
