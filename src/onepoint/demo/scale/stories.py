"""Reads what the demo's tickets and customers left in the database, as templates of COPY lines.

Every row that belongs to one ticket (its contact, process instances, tasks, opinions, journal …) becomes a line in which
ids, moments, numbers and names are left open. Which rows belong is read from the foreign keys of the models, so a table
added later is told along without a change here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models

from onepoint.channels.models import Contact
from onepoint.core.models import Attachment, AuditEntry
from onepoint.customers.models import Customer
from onepoint.tickets.models import SearchDocument, Ticket
from onepoint.workflow.models import ProcessInstance, UserTask

NULL = r"\N"
#: Rows that hang on a story but are not part of it: keys of one single request, and what ties two tickets together.
LEFT_OUT = frozenset(
    {
        "analytics.Fact", "channels.ContactOrigin",
        "quality.Appeal", "quality.HiddenRisk", "quality.Inspection", "quality.Mark", "workflow.CommandKey", "workflow.ProcessMessage", "workflow.Reminder", "workflow.Escalation",
        "channels.ChatSession", "channels.CounterNumber", "channels.IncomingMail", "channels.IncomingScan",
        "channels.IncomingText", "grants.Grant", "portal.Filing", "portal.PortalNote", "portal.PortalSession",
        "regulators.RegulatorCase", "tickets.AttachedTicket", "tickets.BatchItem", "tickets.LikelyDuplicate",
        "tickets.MassIncident", "tickets.ToldCustomer", "workspace.Arrival",
    }
)  # fmt: skip
#: Left open under the name given here; filled by ``wording`` for each telling.
OPEN_FIELDS: Mapping[tuple[type[models.Model], str], str] = {
    (Contact, "number"): "contact_number",
    (Contact, "caller_number"): "phone",
    (Contact, "caller_key"): "phone_key",
    (Contact, "caller_name"): "customer_name",
    (Contact, "search_keys"): "contact_keys",
    (Contact, "ticket_number"): "ticket_number",
    (Ticket, "number"): "ticket_number",
    (Ticket, "contact_name"): "customer_name",
    (Ticket, "contact_phone"): "phone",
    (Ticket, "contact_phone_key"): "phone_key",
    (Ticket, "search_keys"): "ticket_keys",
    (SearchDocument, "seg"): "seg",
    (SearchDocument, "bigram"): "bigram",
    (Customer, "number"): "customer_number",
    (Customer, "name"): "customer_name",
    (Customer, "name_en"): "customer_name_en",
    (Customer, "name_key"): "customer_name_key",
    (Customer, "id_number"): "identity",
    (Customer, "id_key"): "identity_key",
    (Customer, "address"): "address",
    (Customer, "search_keys"): "customer_keys",
}
#: Text that is kept and continued, so that no two tellings read alike.
CONTINUED_FIELDS: Mapping[tuple[str, str], str] = {
    ("tickets.Ticket", "title"): "more_title",
    ("tickets.Ticket", "description"): "more_text",
    ("channels.Contact", "subject"): "more_title",
    ("channels.Contact", "content"): "more_text",
}
#: Filled per row: the same field of the n-th row of its table in the story.
NUMBERED_FIELDS: Mapping[tuple[str, str], str] = {
    ("workflow.Opinion", "text"): "say",
    ("customers.CustomerAccount", "value"): "account",
    ("customers.CustomerAccount", "value_key"): "account_key",
    ("customers.Asset", "serial_number"): "serial",
    ("customers.Asset", "serial_key"): "serial_key",
    ("customers.ContactPerson", "name"): "person",
    ("customers.ContactPerson", "phone"): "person_phone",
    ("customers.ContactPerson", "phone_key"): "person_phone_key",
}
_EMPTIED = {
    ("tickets.Ticket", "external_number"), ("customers.Customer", "name_form"), ("customers.Customer", "external_number"),
}  # fmt: skip
_OPEN_MOMENT = re.compile(r"%\(((?:at|due):[^)]*)\)s")
#: Columns that say when something is due: they follow the beginning of the story, not what happened in between.
_PROMISED = ("due", "promised", "warn")
_TASK_IN_JSON = re.compile(r'("task": )(\d+)')


@dataclass
class Story:
    """One ticket or customer with all its rows; ``lines`` are %-formats of COPY text."""

    root_id: int
    lines: dict[str, str] = field(default_factory=dict)  # table → format of all its lines
    counts: dict[str, int] = field(default_factory=dict)  # table → rows that need an id of their own
    moments: list[datetime] = field(default_factory=list)  # when something happened: distinct, rising
    promises: list[datetime] = field(default_factory=list)  # what is due when
    uuids: int = 0
    facts: dict[str, Any] = field(default_factory=dict)  # of the root row and what wording needs to know

    @property
    def begins(self) -> datetime:
        """When its ticket was opened; the conversation before it began a little earlier."""
        moment: datetime = self.facts["begins_at"]
        return moment


@dataclass
class Table:
    """How the rows of one model become lines."""

    model: type[models.Model]
    columns: list[str]

    @property
    def name(self) -> str:
        return self.model._meta.db_table


def table_of(model: type[models.Model]) -> Table:
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    return Table(model, [column_of(field) for field in fields])


def column_of(key: Any) -> str:
    """The name of a field's column; concrete fields always have one."""
    return str(key.column)


def _copied_rows(model: type[models.Model], condition: str, ids: Iterable[int]) -> list[list[str]]:
    """Rows as PostgreSQL itself writes them for COPY: escaped, moments in UTC."""
    table = table_of(model)
    columns = ", ".join(f'"{column}"' for column in table.columns)
    chosen = ",".join(str(int(pk)) for pk in ids) or "NULL"
    rows = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        order = model._meta.pk.column
        statement = (
            f'COPY (SELECT {columns} FROM "{table.name}" WHERE {condition % chosen} ORDER BY "{order}") TO STDOUT'
        )
        with cursor.copy(statement) as copy:
            buffer = b"".join(bytes(part) for part in copy)
    for line in buffer.decode().splitlines():
        rows.append(line.split("\t"))
    return rows


def _children(parents: Iterable[Any]) -> list[tuple[type[models.Model], models.Field]]:
    """Models with a foreign key to one of ``parents``, in no particular order."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or f"{model._meta.app_label}.{model.__name__}" in LEFT_OUT or not model._meta.managed:
            continue
        for key in model._meta.concrete_fields:
            if key.is_relation and key.related_model in set(parents) and model not in set(parents):
                found.append((model, key))
    return found


@dataclass
class Reader:
    """Collects the rows of many stories table by table, then takes them apart by story."""

    rows: dict[type[models.Model], dict[int, list[str]]] = field(default_factory=dict)
    owner: dict[tuple[type[models.Model], int], int] = field(default_factory=dict)  # row → root id

    def add(self, model: type[models.Model], rows: list[list[str]], owner_of: Any) -> None:
        kept = self.rows.setdefault(model, {})
        key = table_of(model).columns.index(column_of(model._meta.pk))
        for row in rows:
            pk, owner = int(row[key]), owner_of(row)
            if owner is not None:
                kept[pk] = row
                self.owner[model, pk] = owner

    def add_children(self, parents: list[type[models.Model]]) -> list[type[models.Model]]:
        """Rows whose foreign key points at a row already collected; rows tying two stories together are left out."""
        added: dict[type[models.Model], None] = {}
        keys: dict[type[models.Model], list[models.Field]] = defaultdict(list)
        for model, key in _children(parents):
            keys[model].append(key)
        for model, foreign in keys.items():
            columns = table_of(model).columns
            places = [(columns.index(column_of(key)), key.related_model) for key in foreign]
            for key in foreign:
                related: Any = key.related_model
                ids = self.rows.get(related, {})
                if ids and model not in self.rows:
                    rows = _copied_rows(model, f'"{key.column}" IN (%s)', ids)
                    self.add(model, rows, lambda row, places=places: self._only_owner(row, places))
                    added[model] = None
        return list(added)

    def _only_owner(self, row: list[str], places: list[tuple[int, Any]]) -> int | None:
        owners = {
            self.owner.get((model, int(row[place]))) for place, model in places if row[place] != NULL
        }  # fmt: skip
        return owners.pop() if len(owners) == 1 else None

    def add_of_subjects(self, model: type[models.Model], subjects: Mapping[str, type[models.Model]]) -> None:
        """Rows that name their subject by type and id: the journal, attachments."""
        columns = table_of(model).columns
        kind, subject = columns.index("subject_type"), columns.index("subject_id")
        rows: list[list[str]] = []
        for name, of in subjects.items():
            if ids := self.rows.get(of):
                rows += _copied_rows(model, f"subject_type = '{name}' AND subject_id IN (%s)", ids)
        self.add(model, rows, lambda row: self.owner.get((subjects[row[kind]], int(row[subject]))))


def read_tickets(ids: list[int]) -> list[Story]:
    """The stories of these tickets."""
    reader = Reader()
    tickets = _copied_rows(Ticket, "id IN (%s)", ids)
    reader.add(Ticket, tickets, lambda row: int(row[0]))
    contact = table_of(Ticket).columns.index("contact_id")
    ticket_of_contact = {int(row[contact]): int(row[0]) for row in tickets if row[contact] != NULL}
    reader.add(
        Contact, _copied_rows(Contact, "id IN (%s)", ticket_of_contact), lambda row: ticket_of_contact[int(row[0])]
    )
    subject = table_of(ProcessInstance).columns.index("subject_id")
    instances = _copied_rows(ProcessInstance, "subject_type = 'ticket' AND subject_id IN (%s)", ids)
    reader.add(ProcessInstance, instances, lambda row: int(row[subject]))
    level: list[type[models.Model]] = [Ticket, ProcessInstance]
    while level:
        level = reader.add_children(level)
    subjects = {"ticket": Ticket, "contact": Contact, "task": UserTask, "process": ProcessInstance}
    for model in (AuditEntry, Attachment):
        reader.add_of_subjects(model, subjects)
    return _compile(reader, Ticket, subjects, "opened_at")


def read_customers(ids: list[int]) -> list[Story]:
    """The stories of these customers, with what they own; not their tickets and contacts."""
    reader = Reader()
    reader.add(Customer, _copied_rows(Customer, "id IN (%s)", ids), lambda row: int(row[0]))
    for name in ("CustomerAccount", "Asset", "ContactPerson"):
        model = apps.get_model("customers", name)
        place = table_of(model).columns.index("customer_id")
        reader.add(model, _copied_rows(model, "customer_id IN (%s)", ids), lambda row, place=place: int(row[place]))
    subjects: dict[str, type[models.Model]] = {"customer": Customer}
    reader.add_of_subjects(AuditEntry, subjects)
    return _compile(reader, Customer, subjects, "created_at")


def read_enquiries(ids: list[int]) -> list[Story]:
    """Contacts that were settled at once."""
    reader = Reader()
    reader.add(Contact, _copied_rows(Contact, "id IN (%s)", ids), lambda row: int(row[0]))
    subjects: dict[str, type[models.Model]] = {"contact": Contact}
    reader.add_of_subjects(AuditEntry, subjects)
    return _compile(reader, Contact, subjects, "started_at")


def _compile(
    reader: Reader, root: type[models.Model], subjects: Mapping[str, type[models.Model]], beginning: str
) -> list[Story]:
    by_story: dict[int, dict[type[models.Model], dict[int, list[str]]]] = defaultdict(lambda: defaultdict(dict))
    for model, rows in reader.rows.items():
        for pk, row in rows.items():
            by_story[reader.owner[model, pk]][model][pk] = row
    begins = table_of(root).columns.index(column_of(root._meta.get_field(beginning)))
    return [
        _Compiler(root, root_id, rows, subjects, begins).story() for root_id, rows in sorted(by_story.items())
    ]  # fmt: skip


class _Compiler:
    """Turns the rows of one story into formats."""

    def __init__(
        self, root: type[models.Model], root_id: int, rows: Mapping[type[models.Model], Mapping[int, list[str]]],
        subjects: Mapping[str, type[models.Model]], begins: int,
    ) -> None:  # fmt: skip
        self.rows, self.subjects, self.root = rows, subjects, root
        self.result = Story(root_id)
        self.open_ids = {
            (model, pk): f"%({model._meta.db_table}_{place})s"
            for model, of_model in rows.items()
            for place, pk in enumerate(of_model)
        }
        self.uuids: dict[str, str] = {}
        self.root_row = dict(zip(table_of(root).columns, rows[root][root_id], strict=True))
        self.begins_at = _moment(rows[root][root_id][begins])
        self.moments: dict[str, None] = {}
        self.promises: dict[str, None] = {}
        self.numbers = self._numbers()

    def story(self) -> Story:
        for model, of_model in self.rows.items():
            if not of_model:
                continue
            table = table_of(model)
            formats = [
                "\t".join(self._column(model, name, value, row, place) for name, value in zip(table.columns, row, strict=True))
                for place, row in enumerate(of_model.values())
            ]  # fmt: skip
            self.result.lines[table.name] = "\n".join(formats) + "\n"
            if not model._meta.pk.is_relation:
                self.result.counts[table.name] = len(formats)
        self.result.moments = sorted({_moment(text) for text in self.moments})
        self.result.promises = sorted({_moment(text) for text in self.promises})
        self.result.uuids = len(self.uuids)
        places = {f"at:{text}": f"t{self.result.moments.index(_moment(text))}" for text in self.moments}
        places |= {f"due:{text}": f"p{self.result.promises.index(_moment(text))}" for text in self.promises}
        for name, text in self.result.lines.items():
            self.result.lines[name] = _OPEN_MOMENT.sub(lambda found: f"%({places[found[1]]})s", text)
        self.result.facts = {**self.root_row, "begins_at": self.begins_at, "says": self._opinions()}
        return self.result

    def _opinions(self) -> list[str]:
        """The texts of opinions, to be searched for."""
        found = []
        for model, rows in self.rows.items():
            if model._meta.label == "workflow.Opinion":
                place = table_of(model).columns.index("text")
                found += [row[place] for row in rows.values()]
        return found

    def _numbers(self) -> list[tuple[str, str]]:
        """Human numbers of the story and what stands for them in other rows."""
        pairs = []
        for model, name in ((Ticket, "ticket_number"), (Contact, "contact_number"), (Customer, "customer_number")):
            place = table_of(model).columns.index("number")
            pairs += [(row[place], f"%({name})s") for row in self.rows.get(model, {}).values()]
        return pairs

    def _column(self, model: type[models.Model], column: str, value: str, row: list[str], place: int) -> str:
        """What stands in a format for one value: the value itself, or what is left open."""
        if value == NULL:
            return NULL
        key = next(field for field in model._meta.concrete_fields if field.column == column)
        label = f"{model._meta.app_label}.{model.__name__}"
        if key.primary_key and not key.is_relation:
            return self.open_ids[model, int(value)]
        if key.is_relation:
            return self._reference(model, key, value)
        if name := OPEN_FIELDS.get((model, column)):
            return f"%({name})s" if value else ""
        if (label, column) in _EMPTIED:
            return ""
        if name := NUMBERED_FIELDS.get((label, column)):
            kept = _literal(value) if name == "say" else ""
            return f"{kept}%({name}_{place})s" if value else ""
        if name := CONTINUED_FIELDS.get((label, column)):
            return f"{_literal(value)}%({name})s"
        if column == "is_compared":
            return "t"  # looked for likeness in a made-up crowd would find nothing true
        if column == "subject_id":
            return self._subject(model, value, row)
        return self._other(key, value)

    def _other(self, key: models.Field, value: str) -> str:
        if isinstance(key, models.DateTimeField):
            is_promise = column_of(key).startswith(_PROMISED)
            (self.promises if is_promise else self.moments)[value] = None
            return f"%({'due' if is_promise else 'at'}:{value})s"
        if isinstance(key, models.UUIDField):
            if key.unique:
                return NULL
            return self.uuids.setdefault(value, f"%(uuid{len(self.uuids)})s")
        if isinstance(key, models.CharField) and key.unique and (key.max_length or 0) >= 36:
            return self.uuids.setdefault(value, f"%(uuid{len(self.uuids)})s")  # only has to be its own
        text = _literal(value)
        if isinstance(key, models.CharField | models.TextField | models.JSONField):
            for number, stands_for in self.numbers:
                text = text.replace(number, stands_for)
            if isinstance(key, models.JSONField):
                text = _TASK_IN_JSON.sub(self._task, text)
        return text

    def _task(self, found: re.Match[str]) -> str:
        return found[1] + self.open_ids.get((UserTask, int(found[2])), found[2])

    def _reference(self, model: type[models.Model], key: models.Field, value: str) -> str:
        related: Any = key.related_model
        if (related, int(value)) in self.open_ids:
            return self.open_ids[related, int(value)]
        if model in (Ticket, Contact) and key.name in ("customer", "account", "asset"):
            return f"%({key.name}_id)s"
        told_of = (Ticket, Contact, ProcessInstance, UserTask, Customer)
        return NULL if related in told_of and key.null else value

    def _subject(self, model: type[models.Model], value: str, row: list[str]) -> str:
        kind = row[table_of(model).columns.index("subject_type")]
        of = self.subjects.get(kind)
        return self.open_ids.get((of, int(value)), value) if of else value


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
