"""Choices of the contact journal."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    HOTLINE = "hotline", _("Hotline")
    HALL = "hall", _("Business hall")
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    OUTLET = "outlet", _("Outlet")
    WEB = "web", _("Web")
    CHAT = "chat", _("Web chat")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    FAX = "fax", _("Fax")
    LETTER = "letter", _("Letter")
    API = "api", _("Other system")


class Direction(models.TextChoices):
    INBOUND = "inbound", _("From the customer")
    OUTBOUND = "outbound", _("To the customer")


class ContactOutcome(models.TextChoices):
    SOLVED = "solved", _("Solved at once")
    TICKET = "ticket", _("Became a ticket")
    OPEN = "open", _("Not settled")


class Medium(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WEBHOOK = "webhook", _("Webhook")


class CannedMedium(models.TextChoices):
    CHAT = "chat", _("Web chat")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    REPLY = "reply", _("Reply to a ticket")


class Origin(models.TextChoices):
    """Who speaks in an outgoing message: an e-mail says so, that robots may leave it alone (RFC 3834)."""

    HOUSE = "house", _("the system")
    PERSON = "person", _("a person")
    REPLY = "reply", _("automatic answer")


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RETRY = "retry", _("Will be tried again")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Given up")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


#: What a worker may take.
WAITING = [MessageState.QUEUED, MessageState.RETRY]
#: What has not found its end; later messages of the same sequence wait for it.
ALIVE = [*WAITING, MessageState.SENDING]

#: Every state but the one most messages stay in: few enough for an index of their own.
BUT_SENT = [state for state in MessageState if state != MessageState.SENT]

#: What people may do: verb → (from, to).
MESSAGE_MOVES = {
    "resend": ([MessageState.DEAD, MessageState.EXPIRED, MessageState.CANCELLED], MessageState.QUEUED),
    "cancel": ([*WAITING, MessageState.DEAD], MessageState.CANCELLED),
}


class AttemptResult(models.TextChoices):
    TAKEN = "taken", _("Taken over by the gateway")
    DELAYED = "delayed", _("Gateway not reached")
    TEMPORARY = "temporary", _("Failed for now")
    PERMANENT = "permanent", _("Refused for good")
    LOST = "lost", _("Worker lost")
    BOUNCED = "bounced", _("Came back")


class PartState(models.TextChoices):
    TAKEN = "taken", _("Taken over by the gateway")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Not delivered")


class TextState(models.TextChoices):
    PARTS = "parts", _("Parts are missing")
    NEW = "new", _("New")
    FILED = "filed", pgettext_lazy("message", "Filed")
    READ = "read", _("Understood by itself")
    UNMATCHED = "unmatched", _("Unmatched")
    IGNORED = "ignored", _("Ignored")


#: What people may do with a text nobody could file: verb → (from, to).
TEXT_MOVES = {
    "file": ([TextState.UNMATCHED], TextState.FILED),
    "ignore": ([TextState.UNMATCHED], TextState.IGNORED),
}


class MailEncryption(models.TextChoices):
    TLS = "tls", _("TLS from the start (usually port 993)")
    STARTTLS = "starttls", _("STARTTLS (usually port 143)")
    NONE = "none", _("None (only inside the own network)")


class MailLeft(models.TextChoices):
    """What is done at the mail server with a mail we have."""

    UNTOUCHED = "untouched", _("left as it is")
    SEEN = "seen", _("marked as read")
    DELETED = "deleted", _("deleted there")


class ClosedRule(models.TextChoices):
    """What a mail about a ticket that has ended becomes."""

    NEW = "new", _("a new ticket, linked to the old one")
    NOTE = "note", _("a note on the old ticket; its owner decides about reopening")
    REOPEN = "reopen", _("a note on the old ticket, which is opened again")


class MailPurpose(models.TextChoices):
    """What a mailbox is there for."""

    CUSTOMERS = "customers", _("E-mails of customers")
    FAX = "fax", _("Faxes sent by a fax server")
    LETTER = "letter", _("Letters sent by a scanner")


class MailTrust(models.TextChoices):
    """What the house's own mail server found out about the sender (SPF, DKIM, DMARC); empty: nobody asked it."""

    PASSED = "passed", _("The sender is who it says")
    UNPROVEN = "unproven", _("The sender cannot be proved")
    FAILED = "failed", _("The sender is forged")


class ForgedRule(models.TextChoices):
    """What is done with a mail whose sender is forged."""

    QUARANTINE = "quarantine", _("it waits for review")
    STRANGER = "stranger", _("it is filed as from somebody unknown")


class MailRank(models.IntegerChoices):
    """In which order mails are read: nobody's flood keeps another one waiting."""

    KNOWN = 0, _("of a customer we know")
    USUAL = 1, _("of anybody")
    FLOOD = 2, _("of somebody who writes without end")


class MailState(models.TextChoices):
    RECEIVED = "received", _("To be read")
    FILED = "filed", pgettext_lazy("message", "Filed")
    TAKEN_APART = "taken_apart", _("Taken in as faxes or letters")
    QUARANTINED = "quarantined", _("To be reviewed")
    IGNORED = "ignored", _("Put aside")


class MailReason(models.TextChoices):
    """Why a mail is reviewed or was put aside."""

    FAILED = "failed", _("It could not be read")
    TOO_MUCH = "too_much", _("Larger or more entangled than any mail a person sends")
    NO_SENDER = "no_sender", _("It has no sender")
    STRANGER = "stranger", _("It names a ticket its sender has nothing to do with")
    DAEMON = "daemon", _("Sent by a mailbox nobody reads")
    MANY_TICKETS = "many_tickets", _("Its sender made many tickets lately")
    NO_TICKET = "no_ticket", _("No ticket could be made of it")
    INFECTED = "infected", _("The virus scanner found something in it")
    ROBOT = "robot", _("Written by a robot")
    BOUNCE = "bounce", _("A mail of ours that came back")
    OWN = "own", _("Our own mail")
    FORGED = "forged", _("Our mail server says that its sender is forged")
    NO_SCAN = "no_scan", _("It holds no fax or letter")
    UNWANTED = "unwanted", _("Its sender may not send faxes or letters here")
    MUTED = "muted", _("Its sender is muted")
    BY_HAND = "by_hand", _("Put aside by hand")


#: What people may do with a mail: verb → (from, to).
MAIL_MOVES = {
    "retry": ([MailState.QUARANTINED, MailState.IGNORED], MailState.RECEIVED),
    "file": ([MailState.QUARANTINED, MailState.IGNORED], MailState.FILED),
    "ignore": ([MailState.QUARANTINED], MailState.IGNORED),
}


class NumberState(models.TextChoices):
    WAITING = "waiting", _("Waits")
    CALLED = "called", pgettext_lazy("counter", "Called")
    SERVING = "serving", _("Being served")
    DONE = "done", _("Served")
    NO_SHOW = "no_show", _("Did not come")
    LEFT = "left", _("Left")


#: What can be done with a number: verb → (from, to).
NUMBER_MOVES = {
    "call": ([NumberState.WAITING], NumberState.CALLED),
    "recall": ([NumberState.CALLED], NumberState.CALLED),
    "start": ([NumberState.CALLED], NumberState.SERVING),
    "finish": ([NumberState.SERVING], NumberState.DONE),
    "miss": ([NumberState.CALLED], NumberState.NO_SHOW),
    "bring_back": ([NumberState.NO_SHOW], NumberState.WAITING),
    "transfer": ([NumberState.CALLED, NumberState.SERVING], NumberState.WAITING),
    "leave": ([NumberState.WAITING], NumberState.LEFT),
}


class ScanState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("scan", "Waits")
    CLAIMED = "claimed", _("In hand")
    TAKEN_IN = "taken_in", _("Taken in")
    SET_ASIDE = "set_aside", _("Set aside")
    REFUSED = "refused", _("File refused")


#: What can be done with a fax or a letter: verb → (from, to).
SCAN_MOVES = {
    "claim": ([ScanState.WAITING], ScanState.CLAIMED),
    "release": ([ScanState.CLAIMED], ScanState.WAITING),
    "take_in": ([ScanState.CLAIMED], ScanState.TAKEN_IN),
    "set_aside": ([ScanState.WAITING, ScanState.CLAIMED], ScanState.SET_ASIDE),
    "bring_back": ([ScanState.SET_ASIDE], ScanState.WAITING),
}
