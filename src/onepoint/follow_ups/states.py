"""Choices of return visits."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Ending(models.TextChoices):
    """How a ticket came to its end; a rule says which of them are followed by a visit."""

    CLOSED = "closed", _("Closed by somebody")
    VISITED = "visited", _("Closed after a visit within the process")
    AUTOMATIC = "automatic", _("Closed by the system")
    ABORTED = "aborted", _("Aborted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


#: Endings a rule may name: who was asked within the process is not asked again (docs/decisions/asking_customers.md).
RULED_ENDINGS = [ending for ending in Ending if ending != Ending.VISITED]


class VisitWay(models.TextChoices):
    PHONE = "phone", _("Telephone")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    PORTAL = "portal", _("Portal")


#: Ways a rule may name; a rating on the portal comes by itself.
RULED_WAYS = (VisitWay.PHONE, VisitWay.SMS, VisitWay.EMAIL)
#: Ways a link is sent by.
LINK_WAYS = (VisitWay.SMS, VisitWay.EMAIL)


class VisitState(models.TextChoices):
    WAITING = "waiting", _("To be made")
    ANSWERED = "answered", _("The customer answered")
    UNREACHED = "unreached", _("Nobody reached")
    REFUSED = "refused", _("Does not want to answer")
    EXPIRED = "expired", _("Expired")
    MERGED = "merged", _("Asked together with another")
    DROPPED = "dropped", _("Dropped")


class AttemptOutcome(models.TextChoices):
    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("No answer")
    BUSY = "busy", _("Line busy")
    SWITCHED_OFF = "switched_off", _("Switched off")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    CALL_LATER = "call_later", _("Wants to be called later")
    REFUSED = "refused", _("Does not want to answer")
    SENT = "sent", _("Link sent")
    NO_ADDRESS = "no_address", _("No address")
    UNDELIVERED = "undelivered", _("Message not delivered")


#: What an agent notes after dialling; after the first four another try is worth it, or another way.
DIALLED = (
    AttemptOutcome.NO_ANSWER, AttemptOutcome.BUSY, AttemptOutcome.SWITCHED_OFF, AttemptOutcome.WRONG_NUMBER,
    AttemptOutcome.CALL_LATER, AttemptOutcome.REFUSED,
)  # fmt: skip
FAILED = frozenset(DIALLED[:4])


class AfterFailure(models.TextChoices):
    """What happens when nobody could be reached by telephone and the message has gone out."""

    WAIT = "wait", _("the step stays open")
    FINISH = "finish", _("the message counts as the answer")
    LETTER = "letter", _("a letter is written")
    VISIT = "visit", _("somebody goes to see the customer")


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("in force")


class QuestionType(models.TextChoices):
    SCALE = "scale", _("Scale from 1 to 5")
    CHOICE = "choice", _("One of several answers")
    TEXT = "text", _("Free text")
