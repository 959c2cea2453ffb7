"""What a customer may ask for, and how the states of a ticket read from outside."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onepoint.tickets.states import ReplyChannel, TicketKind, TicketStatus

#: The kinds customers file themselves; the others come about inside the house.
PUBLIC_KINDS = (
    TicketKind.COMPLAINT,
    TicketKind.REPAIR,
    TicketKind.ENQUIRY,
    TicketKind.SUGGESTION,
    TicketKind.PRAISE,
)
REPLY_WAYS = (ReplyChannel.PHONE, ReplyChannel.SMS, ReplyChannel.EMAIL)
#: Kinds that ask for nothing to be put right, so that reopening them means nothing.
NOTHING_OWED = frozenset({TicketKind.SUGGESTION, TicketKind.PRAISE})


class Stage(models.TextChoices):
    """How far a request is, as a customer understands it."""

    RECEIVED = "received", pgettext_lazy("portal", "Received")
    WORKING = "working", pgettext_lazy("portal", "Being looked into")
    WAITING = "waiting", pgettext_lazy("portal", "Waiting for you")
    ANSWERED = "answered", pgettext_lazy("portal", "Answered")
    CLOSED = "closed", pgettext_lazy("portal", "Closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("portal", "Withdrawn")


#: The stages a request passes, in order; "waiting for you" and "withdrawn" are shown in place of one of them.
PATH = (Stage.RECEIVED, Stage.WORKING, Stage.ANSWERED, Stage.CLOSED)
TONES = {Stage.WAITING: "warn", Stage.ANSWERED: "good", Stage.CLOSED: "muted", Stage.WITHDRAWN: "muted"}

S = TicketStatus
#: A ticket that rests because the customer is waited for has words of its own, under this name in place of a status.
WAITS = "waits"
STAGES: dict[str, Stage] = {
    S.OPEN: Stage.RECEIVED,
    S.HANDLING: Stage.WORKING,
    S.ON_HOLD: Stage.WORKING,
    WAITS: Stage.WAITING,
    S.REPLYING: Stage.WORKING,
    S.VISITING: Stage.ANSWERED,
    S.RESOLVED: Stage.ANSWERED,
    S.CLOSED: Stage.CLOSED,
    S.ABORTED: Stage.CLOSED,
    S.WITHDRAWN: Stage.WITHDRAWN,
    S.MERGED: Stage.CLOSED,
}
#: What is said where the house has not written words of its own.
USUAL_WORDS = {
    S.OPEN: _("We have your request and are passing it on to the people in charge."),
    S.HANDLING: _("The people in charge are looking into it."),
    S.ON_HOLD: _("It rests for the moment and then goes on by itself."),
    WAITS: _("We need something from you before we can go on."),
    S.REPLYING: _("The result is there. You will hear from us soon."),
    S.VISITING: _("You have our answer. We may ask you whether all is well now."),
    S.RESOLVED: _("You have our answer."),
    S.CLOSED: _("This request is closed."),
    S.ABORTED: _("This request is closed; nothing more will be done about it."),
    S.WITHDRAWN: _("You have withdrawn this request."),
    S.MERGED: _("This request is dealt with together with another one of the same matter."),
}
STATUS_LABELS = {
    **{status.value: status.label for status in TicketStatus},
    WAITS: _("On hold, the customer is waited for"),
}


class NoteKind(models.TextChoices):
    """What a customer did on the portal."""

    FILED = "filed", pgettext_lazy("portal", "Filed")
    ADDED = "added", pgettext_lazy("portal", "Added")
    REMINDED = "reminded", pgettext_lazy("portal", "Reminded us")
    WITHDRAWN = "withdrawn", pgettext_lazy("portal", "Withdrawn")
    RATED = "rated", pgettext_lazy("portal", "Rated")
    REOPENED = "reopened", pgettext_lazy("portal", "Asked for another look")
