"""What channels hold of a customer and lose when the customer is erased."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from onepoint.channels.chat_states import Speaker
from onepoint.channels.lookup_keys import search_keys_of
from onepoint.channels.models import (
    ChatMessage,
    ChatSession,
    Contact,
    CounterNumber,
    DeliveryAttempt,
    IncomingMail,
    IncomingPart,
    IncomingScan,
    IncomingText,
    MutedSender,
    OutgoingMessage,
    RefusedNumber,
    SentPart,
)
from onepoint.channels.services.chats import SUBJECT as CHAT
from onepoint.channels.states import WAITING, MessageState
from onepoint.customers.erasing import Erased, Holding, register_holding, register_values
from onepoint.customers.known_values import MARKED, KnownValues


def _contacts(erased: Erased) -> QuerySet[Contact]:
    """The customer's, and those with the customer's number that nobody else was named for."""
    unnamed = Q(customer=None, caller_key__in=list(erased.addresses)) & ~Q(caller_key="")
    return Contact.objects.filter(Q(customer__in=list(erased.ids)) | unnamed)


def _find_anew(ids: list[int]) -> None:
    """Contacts are found by what is left of them."""
    for contact in Contact.objects.filter(pk__in=ids).select_related("customer", "region"):
        keys = search_keys_of(contact)
        if keys != contact.search_keys:
            Contact.objects.filter(pk=contact.pk).update(search_keys=keys)


def _chats(erased: Erased) -> QuerySet[ChatSession]:
    return ChatSession.objects.filter(Q(customer__in=list(erased.ids)) | Q(contact__customer__in=list(erased.ids)))


def _mails(erased: Erased) -> QuerySet[IncomingMail]:
    """Those of the customer's contacts, and those from the customer's addresses that nobody else was named for."""
    unnamed = Q(contact=None) | Q(contact__customer=None)
    return IncomingMail.objects.filter(
        Q(contact__customer__in=list(erased.ids)) | unnamed & Q(sender__in=list(erased.addresses))
    )


def _texts(erased: Erased) -> QuerySet[IncomingText]:
    unnamed = Q(contact=None) | Q(contact__customer=None)
    return IncomingText.objects.filter(
        Q(contact__customer__in=list(erased.ids)) | unnamed & Q(sender_key__in=list(erased.addresses))
    )


def _scans(erased: Erased) -> QuerySet[IncomingScan]:
    return IncomingScan.objects.filter(contact__customer__in=list(erased.ids))


def _sent(erased: Erased) -> QuerySet[OutgoingMessage]:
    about_contact = Q(
        about_type="contact", about_id__in=Contact.objects.filter(customer__in=list(erased.ids)).values("pk")
    )
    return OutgoingMessage.objects.filter(Q(address__in=list(erased.addresses)) | about_contact)


def _values(ids: Sequence[int]) -> KnownValues:
    """As whom and from where the customer spoke."""
    contacts = Contact.objects.filter(customer__in=list(ids))
    chats = ChatSession.objects.filter(customer__in=list(ids))
    callers = [*contacts.values_list("caller_number", "caller_name")]
    callers += chats.values_list("visitor_phone", "visitor_name")
    numbers = [number for number, _name in callers]
    return KnownValues(
        phones=[number for number in numbers if "@" not in number],
        emails=[number for number in numbers if "@" in number],
        names=[name for _number, name in callers],
    )


register_values(_values)
register_holding(
    Holding(
        100, "contact", Contact, _contacts, texts=["subject", "content", "result_text"],
        cleared={"caller_number": "", "caller_key": "", "caller_name": ""}, files="contact", touched=_find_anew, subject="contact",
    )
)  # fmt: skip
register_holding(
    Holding(
        110, "chat_message", ChatMessage, lambda erased: ChatMessage.objects.filter(session__in=_chats(erased).values("pk")),
        texts=["text"], cleared={"author_name": lambda row: "" if row.speaker == Speaker.VISITOR else row.author_name},
    )
)  # fmt: skip
register_holding(
    Holding(
        111, "chat", ChatSession, _chats, texts=["question", "rating_words"], files=CHAT,
        cleared={"visitor_name": "", "visitor_phone": "", "transcript_to": ""}, subject="chat",
    )
)  # fmt: skip
register_holding(
    Holding(
        120, "mail", IncomingMail, _mails, texts=["subject", "detail"], files="incoming_mail",
        cleared={
            "sender": "", "sender_name": "", "reply_to": "", "recipients": [], "references": "", "message_id": "",
            "text_key": "", "quoted": "", "left_out": [],
        }, subject="incoming_mail",
    )
)  # fmt: skip
register_holding(
    Holding(
        130, "text_part", IncomingPart, lambda erased: IncomingPart.objects.filter(text__in=_texts(erased).values("pk")),
        removed=True,
    )
)  # fmt: skip
register_holding(
    Holding(
        131, "text", IncomingText, _texts, texts=["text", "reason"],
        cleared={"sender": "", "sender_key": "", "fingerprint": "", "peer_id": ""}, subject="incoming_text",
    )
)  # fmt: skip
register_holding(
    Holding(
        132, "refused_number", RefusedNumber,
        lambda erased: RefusedNumber.objects.filter(number_key__in=list(erased.addresses)), removed=True,
    )
)  # fmt: skip
register_holding(
    Holding(
        133, "muted_sender", MutedSender,
        lambda erased: MutedSender.objects.filter(address__in=list(erased.addresses)), removed=True,
    )
)  # fmt: skip
register_holding(
    Holding(
        140, "scan", IncomingScan, _scans, texts=["reason"], files="incoming_scan",
        cleared={"name": MARKED, "sha256": "", "sender_name": "", "sender_number": ""}, subject="incoming_scan",
    )
)  # fmt: skip
register_holding(
    Holding(
        150, "counter_number", CounterNumber, lambda erased: CounterNumber.objects.filter(customer__in=list(erased.ids)),
        texts=["matter"], cleared={"name": "", "phone": ""},
    )
)  # fmt: skip
register_holding(
    Holding(
        160, "delivery", DeliveryAttempt, lambda erased: DeliveryAttempt.objects.filter(message__in=_sent(erased).values("pk")),
        texts=["error"],
    )
)  # fmt: skip
register_holding(
    Holding(
        161, "sent_part", SentPart, lambda erased: SentPart.objects.filter(message__in=_sent(erased).values("pk")),
        texts=["error"],
    )
)  # fmt: skip
register_holding(
    Holding(
        162, "message", OutgoingMessage, _sent, texts=["subject", "text", "last_error"],
        cleared={
            "address": MARKED, "html": "", "copies_to": [], "reply_to": "", "references": "", "sequence": "", "peer": "",
            "state": lambda row: MessageState.CANCELLED if row.state in WAITING else row.state,
        }, subject="outgoing_message",
    )
)  # fmt: skip
