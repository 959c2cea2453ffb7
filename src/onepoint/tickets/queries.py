"""Reads of tickets, named by what they return. Everything a person is shown goes through ``visible_to``."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import BusinessLine, OrgUnit, User
from onepoint.channels.models import OutgoingMessage
from onepoint.core import attachments, clock, journal_archive, stamped
from onepoint.core.audit import SLACK, entries_of
from onepoint.core.compiled import Compiled
from onepoint.core.live import Found
from onepoint.core.models import ArchivedMonth, Attachment, AuditEntry
from onepoint.core.search_keys import query_keys
from onepoint.dynamic_forms import queries as form_queries
from onepoint.dynamic_forms.models import FormDefinition, FormVersion
from onepoint.sla.models import Clock
from onepoint.tickets.labels import attach_labels
from onepoint.tickets.listing import (  # noqa: F401  (the lists have a module of their own)
    FilterChoices,
    Hit,
    TicketFilter,
    count_tickets_after,
    filter_choices,
    find_tickets,
    rows_of_list,
    search_tickets,
    tickets_of_customer,
)
from onepoint.tickets.models import Category, Severity, Ticket, TicketQuerySet, Watcher
from onepoint.tickets.reach import reach_of, tickets_by_id, within  # noqa: F401  (for whoever asks here)
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import Opinion, ProcessDefinition, ProcessInstance, UserTask
from onepoint.workflow.news import TaskNews

#: A due moment nearer than this is shown as "soon".
SOON = timedelta(hours=4)


# --- one ticket -------------------------------------------------------------------------------------------------


def find_ticket(number: str, *, visible_to: User) -> Ticket | None:
    """One ticket with all that its page shows; None when it does not exist or lies outside the person's scope."""
    reach = reach_of(visible_to)
    if reach is None:
        ticket = _whole(Ticket.objects.visible_to(visible_to), number, visible_to.pk).first()
    else:
        ticket = _WHOLE.first(number, visible_to.pk, *reach.values, shape=reach.shape)
    if ticket is not None:
        attach_labels([ticket])
    return ticket


def _whole(tickets: TicketQuerySet, number: str, reader_id: int) -> TicketQuerySet:
    watched = Exists(Watcher.objects.filter(ticket=OuterRef("pk"), user=reader_id))
    merged = Exists(Ticket.objects.filter(merged_into=OuterRef("pk")))
    # To plan a join of fourteen tables takes the server ten times as long as to carry it out: names and levels are kept
    # anyway, and what few tickets have is read with these.
    return (
        tickets.filter(number=number)
        .annotate(is_watched=watched, has_merged=merged)
        .select_related("customer", "account", "contact", "created_by", "owner", "process_instance", "form_version")
    )


_WHOLE = Compiled("find_ticket", lambda number, reader, *keys, shape: _whole(within(shape, *keys), number, reader))


def find_ticket_acted_on(number: str, *, visible_to: User) -> Ticket | None:
    """The same ticket for whoever acts on one of its steps: nothing but its number is read before it is asked for."""
    reach = reach_of(visible_to)
    if reach is None:
        return Ticket.objects.visible_to(visible_to).filter(number=number).only("number").first()
    return _ACTED_ON.first(number, *reach.values, shape=reach.shape)


_ACTED_ON = Compiled(
    "ticket_acted_on", lambda number, *keys, shape: within(shape, *keys).filter(number=number).only("number")
)


def may_see(user: User, ticket_id: int) -> bool:
    """Whether a person may see a ticket: what workflow asks before it shows a process picture."""
    return Ticket.objects.visible_to(user).filter(pk=ticket_id).exists()


def ticket_of_clock(clock: Clock) -> tuple[Ticket, list[UserTask]] | None:
    """The ticket a clock is about and the live steps it presses: the one step it measures, or all."""
    if clock.subject_type == "task":
        tasks = list(UserTask.objects.live().filter(pk=clock.subject_id, subject_type="ticket"))
        ticket = ticket_by_id(tasks[0].subject_id) if tasks else None
    else:
        ticket = ticket_by_id(clock.subject_id) if clock.subject_type == "ticket" else None
        tasks = live_tasks(ticket) if ticket else []
    return (ticket, tasks) if ticket else None


def is_watched(ticket: Ticket) -> bool:
    """Whether anybody watches it."""
    return Watcher.objects.filter(ticket=ticket).exists()


def watchers_of(ticket: Ticket) -> list[User]:
    """Those who asked to be told, or were sent a copy, and may still log in."""
    return list(User.objects.filter(watched_tickets__ticket=ticket, is_active=True).order_by("pk"))


def ticket_by_id(ticket_id: int) -> Ticket | None:
    """A ticket for the system itself (receivers); no scope."""
    return Ticket.objects.filter(pk=ticket_id).first()


def ticket_by_number(number: str) -> Ticket | None:
    """A ticket for the system itself; no scope."""
    return Ticket.objects.filter(number=number).first()


def was_written_to(ticket: Ticket, address: str) -> bool:
    """Whether a message about the ticket went to this address, as its recipient or a copy."""
    messages = OutgoingMessage.objects.filter(about_type="ticket", about_id=ticket.pk)
    return messages.filter(Q(address__iexact=address) | Q(copies_to__contains=[address])).exists()


def owner_of(ticket_id: int) -> int | None:
    """The first-asked person, who answers for a ticket whoever works on it; no scope."""
    return Ticket.objects.filter(pk=ticket_id).values_list("owner_id", flat=True).first()


def keys_of_followers(ticket_id: int) -> Found:
    """The keys of whoever registered a ticket, answers for it or watches it, for ``live.publish``; no scope."""
    sql = (
        "SELECT 'P' || person AS key FROM tickets_ticket, unnest(ARRAY[created_by_id, owner_id]) AS person"
        " WHERE id = %s::bigint AND person IS NOT NULL"
        " UNION SELECT 'P' || user_id FROM tickets_watcher WHERE ticket_id = %s::bigint"
    )
    return Found(sql, (ticket_id, ticket_id))


def keys_of_workers(ticket_id: int) -> Found:
    """The keys of whoever has a step of a ticket in hand or may take one, for ``live.publish``; no scope."""
    return Found(
        _KEYS_OF_LIVE_TASKS.format("task.subject_type = 'ticket' AND task.subject_id = %s::bigint"), (ticket_id,)
    )


def keys_of_task(task_id: int) -> Found:
    """The keys of whoever has one step in hand or may take it, for ``live.publish``; no scope."""
    return Found(_KEYS_OF_LIVE_TASKS.format("task.id = %s::bigint"), (task_id,))


_KEYS_OF_LIVE_TASKS = (
    "SELECT DISTINCT key FROM workflow_usertask AS task, unnest(CASE WHEN task.status = 'open'"
    " THEN task.candidate_keys ELSE ARRAY['P' || task.assignee_id] END) AS key"
    " WHERE {} AND task.status IN ('open', 'claimed', 'waiting') AND key IS NOT NULL"
)


def last_change(ticket: Ticket, *, after: datetime | None) -> AuditEntry | None:
    """The newest entry of a ticket's timeline, if it is newer than ``after``."""
    entry = entries_of("ticket", ticket.pk, since=ticket.opened_at).order_by("-id").first()
    return entry if entry and (after is None or entry.at > after) else None


def already_made(request_key: uuid.UUID | None, source: str, external_number: str) -> Ticket | None:
    """The ticket an earlier submission of the same form or file row made."""
    if request_key and not external_number:
        return _BY_REQUEST.first(request_key)
    condition = Q(pk__in=[])
    if request_key:
        condition |= Q(request_key=request_key)
    if external_number:
        condition |= Q(external_source=source, external_number=external_number)
    return Ticket.objects.filter(condition).first() if condition != Q(pk__in=[]) else None


_BY_REQUEST = Compiled("ticket_by_request", lambda key: Ticket.objects.filter(request_key=key).order_by())


def family_ids(ticket: Ticket) -> list[int]:
    """The ticket and the tickets merged into it. No query where ``find_ticket`` already knows that there are none."""
    if getattr(ticket, "has_merged", True) is False:
        return [ticket.pk]
    return [ticket.pk, *Ticket.objects.filter(merged_into=ticket.pk).order_by("pk").values_list("pk", flat=True)]


def opinions_of(ticket: Ticket) -> list[Opinion]:
    """The joint opinions, first to last, over all rounds a reopened ticket went and of the tickets merged into it."""
    opinions = [
        opinion
        for ticket_id in family_ids(ticket)
        for opinion in workflow_queries.opinions_of_subject("ticket", ticket_id)
    ]
    return sorted(opinions, key=lambda opinion: opinion.pk)


def corrections_since(ticket: Ticket, version: int) -> list[AuditEntry]:
    """The corrections saved after ``version`` had been read, oldest first."""
    entries = entries_of("ticket", ticket.pk, since=ticket.opened_at).filter(
        verb="ticket.corrected", data__version__gt=version
    )
    return list(entries.order_by("id")[:100])


def timeline_of(ticket: Ticket, limit: int) -> list[AuditEntry]:
    """What happened to a ticket, last first."""
    return _TIMELINE.rows(ticket.pk, ticket.opened_at - SLACK, shape=limit)


_TIMELINE = Compiled(
    "ticket_timeline",
    lambda pk, since, shape: entries_of("ticket", pk).filter(at__gte=since).order_by("-id")[:shape],
)


def timeline_entries(ticket: Ticket) -> QuerySet[AuditEntry]:
    """The same entries, not yet sorted, for whoever pages through them."""
    entries: QuerySet[AuditEntry] = entries_of("ticket", ticket.pk, since=ticket.opened_at)
    return entries


def archived_months_of(ticket: Ticket) -> list[ArchivedMonth]:
    """The months of a ticket's life whose entries are in files of the archive. No query for a ticket of this month."""
    return journal_archive.archived_since(ticket.opened_at, ticket.closed_at or clock.now())


def files_of(ticket: Ticket) -> list[Attachment]:
    """The current version of each attachment, of the tickets merged into this one too."""
    return attachments.current_files("ticket", *family_ids(ticket))


def find_file(ticket: Ticket, attachment_id: int) -> Attachment | None:
    """One attachment of this ticket or of one merged into it (any version that is not deleted)."""
    return Attachment.objects.of("ticket", *family_ids(ticket)).filter(pk=attachment_id).first()


def due_state(ticket: Ticket) -> str:
    """``late``, ``soon``, ``ok``; ``done`` for a finished ticket, empty without a due moment."""
    if ticket.due_at is None:
        return ""
    if ticket.is_finished:
        return "done"
    left = ticket.due_at - clock.now()
    return "late" if left <= timedelta() else "soon" if left <= SOON else "ok"


def ticket_for_limits(ticket_id: int) -> Ticket:
    """A ticket with everything rules for limits ask about, in one query."""
    return Ticket.objects.select_related("category", "severity", "region", "customer__level").get(pk=ticket_id)


def live_tasks(ticket: Ticket) -> list[UserTask]:
    """The steps a ticket is at now, oldest first, with their people and department."""
    return workflow_queries.live_tasks_of("ticket", ticket.pk)


def find_task(ticket: Ticket, task_id: int) -> UserTask | None:
    """One task of this ticket, whatever became of it."""
    task = workflow_queries.find_task(task_id)
    return task if task and (task.subject_type, task.subject_id) == ("ticket", ticket.pk) else None


def present_steps(tickets: Iterable[Ticket]) -> dict[int, list[UserTask]]:
    """The live tasks of many tickets by ticket id, in one query."""
    return workflow_queries.live_tasks_of_many("ticket", [ticket.pk for ticket in tickets])


def audience_of_tasks(tasks: Iterable[TaskNews]) -> set[str]:
    """The audience keys of everybody who got one of these tasks (see the capability's docstring)."""
    keys: set[str] = set()
    for task in tasks:
        keys.update(f"c:{key}" for key in task.candidate_keys)
        keys.update([f"U{task.unit_id}"] if task.unit_id else [])
        keys.update([f"P{task.assignee_id}"] if task.assignee_id else [])
    return keys


def receiving_units() -> list[OrgUnit]:
    """Departments a coordinator may choose; nobody may change the list."""

    def find() -> list[OrgUnit]:
        return list(OrgUnit.objects.filter(is_active=True, receives_tickets=True).order_by("path"))

    return stamped.kept("access", "units that receive tickets", find)


def people_of_unit(unit_id: int) -> list[User]:
    """People who may log in and read tickets, whose home or one of whose posts is in a unit."""
    belongs = Q(unit_id=unit_id) | Q(appointments__position__unit_id=unit_id)
    return list(
        User.objects.filter(belongs, accounts_queries.holding("ticket.view"), is_active=True)
        .distinct()
        .order_by("name_key", "pk")
    )


def last_department_visit(instance: ProcessInstance) -> int | None:
    """The visit at which a department that receives tickets took an ended process last; None when none did.

    That is where its interface person received it, or, where the process has no such step, its last step in the department.
    """
    visits = [target.visit_seq for target in workflow_queries.reopen_targets(instance)]
    done = UserTask.objects.filter(instance=instance, visit_seq__in=visits, unit__receives_tickets=True, parent=None)
    tasks = list(done.select_related("instance").order_by("-visit_seq"))
    if not tasks:
        return None
    of_department = [task for task in tasks if task.unit_id == tasks[0].unit_id]
    received = (task for task in of_department if workflow_queries.step_of(task).is_for_interface)
    return next(received, tasks[0]).visit_seq


def tickets_to_resume(limit: int) -> list[Ticket]:
    """Tickets whose rest is over, those that waited longest first; no scope."""
    held = Ticket.objects.filter(status=TicketStatus.ON_HOLD, on_hold_until__lte=clock.now())
    return list(held.order_by("on_hold_until")[:limit])


def message_of_key(key: str) -> OutgoingMessage | None:
    """The message that was put into the outbox under this key."""
    return OutgoingMessage.objects.filter(key=key).first()


# --- categories and severity ------------------------------------------------------------------------------------


def inherited(category: Category, name: str) -> object:
    """The value of ``name`` at the category or at the nearest node above that has one."""
    value = getattr(category, name)
    if value or category.parent_id is None:
        return value
    above = reversed(category_path(category)[:-1])
    return next((found for node in above if (found := getattr(node, name))), value)


def form_key_of(category: Category) -> str:
    """The form of special items of a category, inherited from above."""
    return str(inherited(category, "form_key") or "")


def form_version_of(category: Category) -> FormVersion | None:
    """The version of special items in force for a category."""
    key = form_key_of(category)
    return form_queries.current_version(key) if key else None


def process_key_of(category: Category, kind: str) -> str:
    """The process tickets of a category and kind run through."""
    return category.kind_processes.get(kind) or category.process_key or "complaint"


def business_line_of(category: Category, unit: OrgUnit | None) -> BusinessLine | None:
    """The business line a ticket belongs to: its category's, or the only one its unit works for."""
    found = inherited(category, "business_line")
    if isinstance(found, BusinessLine):
        return found
    lines = accounts_queries.lines_of(unit) if unit else []
    return lines[0] if len(lines) == 1 else None


def usual_severity(category: Category) -> Severity:
    """The severity a ticket gets when nobody chooses: the category's, one from above, or the least grave in use."""
    found = inherited(category, "default_severity")
    if isinstance(found, Severity):
        return found
    return stamped.kept("terms", "least grave", lambda: Severity.objects.filter(is_active=True).order_by("-rank")[0])


def severities(*, active: bool = True) -> list[Severity]:
    """The severity standard, gravest first."""
    return list(Severity.objects.filter(is_active=True) if active else Severity.objects.all())


def severity_by_code(code: str) -> Severity | None:
    return Severity.objects.filter(code=code).first()


def category_path(category: Category) -> list[Category]:
    """The category with its ancestors, root first."""
    if category.parent_id is None:
        return [category]

    def find() -> list[Category]:
        rows = Category.objects.select_related("default_severity", "business_line")
        return list(rows.filter(pk__in=category.ancestor_ids).order_by("path"))

    return stamped.kept("terms", ("category path", category.path), find)


def form_choices() -> list[tuple[str, str]]:
    """The forms of special items a category may ask for."""
    return [(form.key, form.label) for form in FormDefinition.objects.order_by("key")]


def process_choices() -> list[tuple[str, str]]:
    """The processes a category may start."""
    return [(process.key, process.label) for process in ProcessDefinition.objects.order_by("key")]


def category_rows() -> QuerySet[Category]:
    """Every category with the one above it, in no order yet."""
    return Category.objects.select_related("parent")


def category_by_code(code: str) -> Category | None:
    def find() -> Category | None:
        return Category.objects.filter(code=code).select_related("parent", "default_severity").first()

    return stamped.kept("terms", ("category", code), find)


def category_by_id(pk: int) -> Category | None:
    return Category.objects.filter(pk=pk).select_related("parent", "default_severity").first()


def categories(*, active: bool = True) -> list[Category]:
    """The whole tree, parents before children in the order people gave them."""
    nodes = list(Category.objects.select_related("default_severity").filter(**({"is_active": True} if active else {})))
    children: dict[int | None, list[Category]] = {}
    for node in sorted(nodes, key=lambda node: (node.position_order, node.path)):
        children.setdefault(node.parent_id, []).append(node)
    ordered: list[Category] = []

    def walk(parent_id: int | None) -> None:
        for node in children.get(parent_id, []):
            ordered.append(node)
            walk(node.pk)

    walk(None)
    return ordered


@dataclass(frozen=True)
class CategoryOption:
    """A category with the names of its path, as a picker shows it."""

    category: Category
    path_label: str
    is_leaf: bool


def category_options(text: str = "", *, kind: str = "", limit: int = 20) -> list[CategoryOption]:
    """Categories in use that match what was typed (Chinese, pinyin, initials, English); own names and leaves first."""
    found = Category.objects.filter(is_active=True).prefetch_related("children")
    if kind:
        found = found.for_kind(kind)
    if keys := query_keys(text):
        found = found.filter(search_keys__contains=keys)
    matches = list(found.order_by("position_order", "path")[:300])
    above = Category.objects.in_bulk({pk for node in matches for pk in node.ancestor_ids})
    lowered = text.strip().lower()

    def order(node: Category) -> tuple[bool, bool, bool]:
        own = lowered in node.name.lower() or lowered in node.name_en.lower()
        return (not own, bool(node.children.all()), not node.label.lower().startswith(lowered))

    matches.sort(key=order)
    return [
        CategoryOption(
            node, " / ".join(above[pk].label for pk in node.ancestor_ids if pk in above), not node.children.all()
        )
        for node in matches[:limit]
    ]
