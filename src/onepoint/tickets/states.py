"""Choices of tickets and the transition table that buttons, API, documents and tests are made from."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TicketKind(models.TextChoices):
    ENQUIRY = "enquiry", _("Enquiry")
    SUGGESTION = "suggestion", _("Suggestion")
    COMPLAINT = "complaint", _("Complaint")
    REPAIR = "repair", _("Repair")
    INSTALLATION = "installation", _("Installation")
    PURCHASE = "purchase", _("Purchase")
    REPORT = "report", _("Report")
    PRAISE = "praise", _("Praise")
    REQUIREMENT = "requirement", _("Front-line requirement")
    APPEAL = "appeal", _("Appeal of a mark")


#: Kinds the house opens for itself: nobody asks for one at intake, and no customer is asked about one.
INTERNAL_KINDS = frozenset({TicketKind.APPEAL})
#: Kinds somebody may ask for.
ASKED_KINDS = [(kind.value, kind.label) for kind in TicketKind if kind not in INTERNAL_KINDS]


class Urgency(models.TextChoices):
    LOW = "low", _("Not urgent")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("Urgent")


class ReplyChannel(models.TextChoices):
    """How the customer was promised an answer."""

    PHONE = "phone", _("Telephone")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    VISIT = "visit", _("Visit")


class TicketStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("ticket", "Open")
    HANDLING = "handling", pgettext_lazy("ticket", "Being handled")
    ON_HOLD = "on_hold", pgettext_lazy("ticket", "On hold")
    REPLYING = "replying", pgettext_lazy("ticket", "Being answered")
    VISITING = "visiting", pgettext_lazy("ticket", "Return visit")
    RESOLVED = "resolved", pgettext_lazy("ticket", "Resolved")
    CLOSED = "closed", pgettext_lazy("ticket", "Closed")
    ABORTED = "aborted", pgettext_lazy("ticket", "Aborted")
    WITHDRAWN = "withdrawn", pgettext_lazy("ticket", "Withdrawn")
    MERGED = "merged", pgettext_lazy("ticket", "Merged")


S = TicketStatus
#: Nothing more happens to a ticket in one of these, unless it is reopened.
FINISHED = frozenset({S.CLOSED, S.ABORTED, S.WITHDRAWN, S.MERGED})
ALIVE = tuple(status for status in S if status not in FINISHED)


@dataclass(frozen=True)
class Transition:
    """One verb of the table. ``permission`` is empty where only the process moves the ticket."""

    verb: str
    label: str | Promise
    sources: frozenset[TicketStatus]
    target: TicketStatus
    permission: str = ""


def _transition(
    verb: str, label: str | Promise, sources: tuple[TicketStatus, ...], target: TicketStatus, permission: str = ""
) -> Transition:
    return Transition(verb, label, frozenset(sources), target, permission)


_BEFORE_CLOSING = (S.OPEN, S.HANDLING, S.ON_HOLD, S.REPLYING, S.VISITING, S.RESOLVED)

TRANSITIONS: dict[str, Transition] = {
    transition.verb: transition
    for transition in (
        _transition("queue", pgettext_lazy("ticket action", "Open again"), (S.HANDLING, S.ON_HOLD, S.REPLYING, S.VISITING, S.RESOLVED), S.OPEN),
        _transition("start_handling", pgettext_lazy("ticket action", "Handle"), (S.OPEN, S.ON_HOLD, S.REPLYING, S.VISITING, S.RESOLVED), S.HANDLING),
        _transition("put_on_hold", pgettext_lazy("ticket action", "Put on hold"), (S.OPEN, S.HANDLING, S.REPLYING, S.VISITING), S.ON_HOLD),
        _transition("start_replying", pgettext_lazy("ticket action", "Answer"), (S.OPEN, S.HANDLING, S.ON_HOLD, S.VISITING, S.RESOLVED), S.REPLYING),
        _transition("start_visiting", pgettext_lazy("ticket action", "Visit"), (S.OPEN, S.HANDLING, S.ON_HOLD, S.REPLYING, S.RESOLVED), S.VISITING),
        _transition("resolve", pgettext_lazy("ticket action", "Resolve"), (S.OPEN, S.HANDLING, S.ON_HOLD, S.REPLYING, S.VISITING), S.RESOLVED),
        _transition("close", pgettext_lazy("ticket action", "Close"), _BEFORE_CLOSING, S.CLOSED),
        _transition("abort", pgettext_lazy("ticket action", "Abort"), _BEFORE_CLOSING, S.ABORTED),
        _transition("withdraw", pgettext_lazy("ticket action", "Withdraw"), _BEFORE_CLOSING, S.WITHDRAWN, "ticket.edit"),
        _transition("resume", pgettext_lazy("ticket action", "Resume"), (S.ON_HOLD,), S.HANDLING, "ticket.view"),
        _transition("merge", pgettext_lazy("ticket action", "Merge"), _BEFORE_CLOSING, S.MERGED, "ticket.coordinate"),
        _transition("reopen", pgettext_lazy("ticket action", "Reopen"), (S.CLOSED,), S.OPEN, "ticket.coordinate"),
    )
}  # fmt: skip

#: The verb by which a process moves a ticket to the status written on a step (``op:status``).
VERB_TO_STATUS = {
    transition.target: verb
    for verb, transition in TRANSITIONS.items()
    if not transition.permission and transition.target not in FINISHED
}
#: The verb for the outcome written on an end event (``op:outcome``).
VERB_OF_OUTCOME = {"closed": "close", "aborted": "abort", "withdrawn": "withdraw"}


def is_allowed(verb: str, status: str) -> bool:
    """Whether the table lets ``verb`` leave ``status``."""
    return status in TRANSITIONS[verb].sources


def diagram() -> str:
    """The table as a Mermaid state diagram; ``docs/ticket_states.md`` holds it and a test compares."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.OPEN}"]
    for transition in TRANSITIONS.values():
        for source in S:
            if source in transition.sources:
                lines.append(f"    {source} --> {transition.target}: {transition.verb}")
    lines += [f"    {status} --> [*]" for status in S if status in FINISHED]
    return "\n".join(lines)


class OwnerRule(models.TextChoices):
    """Whether only the first-asked person may say that a ticket of a category is settled; empty: as the category above."""

    CONFIRMS = "confirms", _("only the first-asked person settles it")
    FREE = "free", _("whoever finishes it settles it")


class ParentRule(models.TextChoices):
    """Whether a ticket of a category can be closed while tickets made from it are open; empty: as the category above."""

    WAITS = "waits", _("waits for its child tickets")
    FREE = "free", _("closes without waiting")


class LinkKind(models.TextChoices):
    """What one ticket is to another; read from the first to the second."""

    RELATED = "related", _("related to")
    DUPLICATE_OF = "duplicate_of", _("duplicate of")
    CAUSED_BY = "caused_by", _("caused by")
    SPLIT_FROM = "split_from", _("split off from")


#: The same link read from the second ticket.
LINK_FROM_THE_OTHER_SIDE: dict[str, str | Promise] = {
    LinkKind.RELATED: _("related to"),
    LinkKind.DUPLICATE_OF: _("has the duplicate"),
    LinkKind.CAUSED_BY: _("cause of"),
    LinkKind.SPLIT_FROM: _("was split into"),
}


class Frequency(models.TextChoices):
    """How often a scheduled ticket comes."""

    ONCE = "once", _("once")
    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")
