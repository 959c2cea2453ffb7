"""Lets people work the cases of an event log through the services, at the recorded moments.

Each resource of the log becomes a person of the log's own unit and group, each activity a step of a process drawn for
the log. An event is the completion of its step by its person at its moment; a start that its completion follows at once is
a claim. A case is one transaction, known by the log and its name there: replaying again adds only what is missing.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from onepoint.accounts import services as accounts_services
from onepoint.accounts.models import Group, OrgUnit, Role, User
from onepoint.accounts.states import DataScope, UnitKind
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.core.text import clean
from onepoint.tickets import services
from onepoint.tickets.event_logs.drawing import END, LogProcess, draw, shown_name, step_ids
from onepoint.tickets.event_logs.reading import Attribute, Event, LogFacts, Trace
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services.categories import CategoryItems
from onepoint.tickets.services.creation import NewTicket
from onepoint.tickets.states import TicketKind
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow import services as workflow_services

#: What a ticket says of the log it was replayed from; the rest is the log's key.
SOURCE = "log:"
PROCESS = "log_"
UNIT = "log-"
ROLE = "log-replay"
MOST_KEPT = 60  # attributes of one case that are kept with its ticket
_LONGEST_CASE = 80
_LONGEST_PERSON = 80
_NOT_IN_CODE = re.compile(r"[^a-z0-9]+")


def key_of(name: str) -> str:
    """A log's key out of its file name: letters, digits and dashes, for codes and addresses."""
    plain = re.sub(r"\.(xes|xml|gz)\b", "", name.lower())
    slug = _NOT_IN_CODE.sub("-", plain).strip("-")[:28].strip("-")
    return slug if slug and slug.isascii() else f"{slug or 'log'}-{zlib.crc32(name.encode()):08x}"[:28]


@dataclass(frozen=True)
class House:
    """What a log needs in the house before its cases can be worked."""

    key: str
    unit: OrgUnit
    category: Category
    steps: Mapping[str, str]
    people: Mapping[str, User]
    transitions: frozenset[str]

    @property
    def source(self) -> str:
        return f"{SOURCE}{self.key}"


def furnish(key: str, name: str, facts: LogFacts) -> House:
    """Unit, group, people, process and category of a log, where they are missing."""
    with transaction.atomic():
        unit = _unit(key, name)
        group = _group(key, name)
        people = _people(key, list(facts.resources), unit, group, _role())
        steps = _steps(facts)
        transitions = sorted(facts.transitions or {"complete": 1}, key=lambda each: (each != "complete", each))
        _draw(LogProcess(f"{PROCESS}{key}".replace("-", "_"), name, group.code, steps, transitions))
        category = _category(key, name)
    return House(key, unit, category, steps, people, frozenset(transitions))


def _unit(key: str, name: str) -> OrgUnit:
    found = OrgUnit.objects.filter(code=f"{UNIT}{key}").first()
    return found or accounts_services.create_unit(
        code=f"{UNIT}{key}", name=name, kind=UnitKind.DEPARTMENT, parent=OrgUnit.objects.filter(parent=None, is_active=True).order_by("path").first(), by=None
    )  # fmt: skip


def _group(key: str, name: str) -> Group:
    found = Group.objects.filter(code=f"{UNIT}{key}").first()
    return found or accounts_services.create_group(code=f"{UNIT}{key}", name=name, by=None)


def _role() -> Role:
    """What everybody of a replayed log may: read the tickets of the log's unit, without which no step is given."""
    found = Role.objects.filter(code=ROLE).first()
    return found or accounts_services.create_role(
        code=ROLE, name="日志回放人员", name_en="People of a replayed log", permissions=["ticket.view"],
        data_scope=DataScope.OWN_UNIT, by=None,
    )  # fmt: skip


def person_name(resource: str) -> str:
    """How a resource is called in the house."""
    plain = " ".join(clean(resource).split()) or "—"
    return plain if len(plain) <= _LONGEST_PERSON else f"{plain[:60]}… {zlib.crc32(resource.encode()):08x}"


def _username(key: str, resource: str, taken: set[str]) -> str:
    slug = _NOT_IN_CODE.sub("-", resource.lower()).strip("-")[:14].strip("-")
    plain = f"{key[:14].strip('-')}.{slug}" if slug and slug.isascii() else ""
    if plain and plain not in taken:
        return plain
    return f"{key[:14].strip('-')}.{slug if slug.isascii() else ''}{zlib.crc32(resource.encode()):08x}"


def _people(key: str, resources: Sequence[str], unit: OrgUnit, group: Group, role: Role) -> dict[str, User]:
    """One person per resource, without a password; those of an earlier replay are known by their name."""
    present = {person.name: person for person in User.objects.filter(unit=unit)}
    members = set(group.members.values_list("pk", flat=True))
    granted = set(role.grants.values_list("user", flat=True))
    taken = set(User.objects.filter(username__startswith=f"{key[:14].strip('-')}.").values_list("username", flat=True))
    people: dict[str, User] = {}
    for resource in resources:
        name = person_name(resource)
        person = present.get(name)
        if person is None:
            username = _username(key, resource, taken)
            taken.add(username)
            person = accounts_services.create_person(
                username=username, name=name, unit=unit, password=None, must_change_password=False, by=None
            )
            present[name] = person
        if person.pk not in members:
            accounts_services.add_member(group, person, by=None)
            members.add(person.pk)
        if person.pk not in granted:
            accounts_services.grant_role(person, role=role, unit=unit, by=None)
            granted.add(person.pk)
        person.forget_rights()
        people[resource] = person
    return people


def _steps(facts: LogFacts) -> dict[str, str]:
    """Ids of the steps; the activity most cases begin with comes first, the others in the order of their names."""
    first = facts.firsts.most_common(1)[0][0] if facts.firsts else ""
    names = sorted(facts.activities, key=lambda activity: (activity != first, activity))
    return step_ids(names)


def _draw(process: LogProcess) -> None:
    version = workflow_services.deploy_version(draw(process), by=None)
    if version.is_draft:
        workflow_services.publish_version(version, by=None)


def _category(key: str, name: str) -> Category:
    found = Category.objects.filter(code=f"{UNIT}{key}").first()
    return found or services.create_category(
        CategoryItems(code=f"{UNIT}{key}", name=name[:80], process_key=f"{PROCESS}{key}".replace("-", "_")), by=None
    )


# -- one case -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """One step of a ticket: taken at ``claimed`` if the log says so, finished at ``event.at``."""

    event: Event
    claimed: datetime | None = None


def moves_of(events: Sequence[Event]) -> Iterator[Move]:
    """The events as steps; a start directly followed by the same person's completion is one step."""
    place = 0
    while place < len(events):
        event = events[place]
        after = events[place + 1] if place + 1 < len(events) else None
        if after and event.transition == "start" and after.transition == "complete" and event.resource and (event.activity, event.resource) == (after.activity, after.resource):  # fmt: skip
            yield Move(after, event.at)
            place += 2
        else:
            yield Move(event)
            place += 1


@dataclass
class Replayer:
    """Replays one case after another."""

    house: House
    _seen: set[str] = field(default_factory=set)

    def number_of(self, trace: Trace) -> str:
        """What the case is called among the tickets of its log: as in the log, or made unmistakable."""
        name = clean(trace.name)
        if not name or len(name) > _LONGEST_CASE - 12 or name in self._seen:
            name = f"{name[: _LONGEST_CASE - 20] or 'case'} #{trace.number}"
        self._seen.add(name)
        return name

    def replay(self, trace: Trace) -> bool:
        """Work one case from its first event to its last; False when it is there already."""
        number = self.number_of(trace)
        if Ticket.objects.filter(external_source=self.house.source, external_number=number).exists():
            return False
        moves = list(moves_of(trace.events))
        with transaction.atomic():
            beginning = (moves[0].claimed or moves[0].event.at) if moves else None
            with clock.at(beginning) if beginning else nullcontext():
                ticket = self._register(trace, number, moves)
            self._work(ticket, moves)
        return True

    def _register(self, trace: Trace, number: str, moves: Sequence[Move]) -> Ticket:
        new = NewTicket(
            kind=TicketKind.ENQUIRY, category=self.house.category, title=f"{self.house.category.name}: {number}",
            channel=Channel.API, unit=self.house.unit, external_source=self.house.source, external_number=number,
            external_items=_kept(trace, number),
            variables={"next_step": self.house.steps[moves[0].event.activity] if moves else END},
        )  # fmt: skip
        return services.create_ticket(new, by=None)

    def _work(self, ticket: Ticket, moves: Sequence[Move]) -> None:
        live = workflow_queries.live_tasks_of("ticket", ticket.pk)
        task_id = live[0].pk if live else 0
        for place, move in enumerate(moves):
            by = self.house.people.get(move.event.resource)
            if move.claimed and by:
                with clock.at(move.claimed):
                    workflow_services.claim_task(task_id, by=by)
            following = self.house.steps[moves[place + 1].event.activity] if place + 1 < len(moves) else END
            with clock.at(move.event.at):
                done = workflow_services.complete_task(
                    task_id, outcome=move.event.transition, inputs={"next_step": following}, by=by
                )
            task_id = done.created[0].id if done.created else 0


# -- what is kept of the log beside the events; shown on the ticket like everything kept from a source ------------


def _nested(attribute: Attribute) -> list[list[Any]]:
    return [[child.kind, child.key, child.value[:2000], _nested(child)] for child in attribute.children[:MOST_KEPT]]


def _attribute(attribute: Attribute, place: int) -> dict[str, Any]:
    label = attribute.key[:80]
    kept = {"label": label, "label_en": label, "value": attribute.value[:2000], "kind": attribute.kind, "place": place}
    return kept | ({"nested": _nested(attribute)} if attribute.children else {})


def _spelling(written: Mapping[str, str]) -> dict[str, Any]:
    """Words of the log that the house writes differently: the house's → the log's."""
    return {"label": "日志中的写法", "label_en": "As written in the log", "value": "; ".join(written.values()), "of": dict(written)}  # fmt: skip


def _kept(trace: Trace, number: str) -> dict[str, Any]:
    kept = {f"log_{place}": _attribute(each, place) for place, each in enumerate(trace.attributes[:MOST_KEPT])}
    if trace.name != number:
        kept["case"] = {"label": "日志中的编号", "label_en": "Number in the log", "value": trace.name}
    activities = {shown_name(event.activity): event.activity for event in trace.events}
    if changed := {shown: raw for shown, raw in activities.items() if shown != raw}:
        kept["activities"] = _spelling(changed)
    people = {person_name(event.resource): event.resource for event in trace.events if event.resource}
    if changed := {shown: raw for shown, raw in people.items() if shown != raw}:
        kept["resources"] = _spelling(changed)
    return kept
