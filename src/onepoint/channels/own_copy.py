"""What channels give to a customer's copy of all data: conversations and messages both ways, and refused advertising."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.channels.chat_states import Speaker
from onepoint.channels.models import (
    ChatMessage,
    ChatSession,
    Contact,
    CounterNumber,
    IncomingMail,
    IncomingText,
    OutgoingMessage,
    RefusedNumber,
)
from onepoint.core.models import Attachment
from onepoint.customers.copying import PLAIN, WORDS, Section, Told, Whose, fields_of, register_section


def _contacts(whose: Whose) -> QuerySet[Contact]:
    return Contact.objects.filter(customer__in=list(whose.ids)).select_related("result", "unit").order_by("pk")


def _contact_files(whose: Whose) -> Iterable[Attachment]:
    return Attachment.objects.of("contact", *_contacts(whose).values_list("pk", flat=True))


def _chats(whose: Whose) -> QuerySet[ChatSession]:
    """Whom a visitor only said to be may be somebody else: those proved, or journaled as the customer's."""
    proved = Q(customer__in=list(whose.ids), is_verified=True) | Q(contact__customer__in=list(whose.ids))
    return ChatSession.objects.filter(proved)


def _chat_messages(whose: Whose) -> QuerySet[ChatMessage]:
    said = ChatMessage.objects.filter(session__in=_chats(whose).values("pk"))
    return said.exclude(speaker__in=[Speaker.NOTE]).select_related("session").order_by("session", "sequence")


def _chat_files(whose: Whose) -> Iterable[Attachment]:
    ids = _chat_messages(whose).exclude(attachment=None).values_list("attachment", flat=True)
    return Attachment.objects.filter(pk__in=list(ids), deleted_at=None)


def _mails(whose: Whose) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.filter(contact__customer__in=list(whose.ids)).select_related("contact").order_by("pk")


def _mail_files(whose: Whose) -> Iterable[Attachment]:
    """The mails themselves, byte for byte; their files lie with the contacts."""
    return Attachment.objects.filter(pk__in=list(_mails(whose).values_list("raw", flat=True)), deleted_at=None)


def _texts(whose: Whose) -> QuerySet[IncomingText]:
    return IncomingText.objects.filter(contact__customer__in=list(whose.ids)).order_by("pk")


def _sent(whose: Whose) -> QuerySet[OutgoingMessage]:
    sent = OutgoingMessage.objects.filter(address__in=sorted(whose.addresses), is_confidential=False)
    return sent.order_by("pk")


def _numbers(whose: Whose) -> QuerySet[CounterNumber]:
    return CounterNumber.objects.filter(customer__in=list(whose.ids)).order_by("pk")


def _refused(whose: Whose) -> Iterable[RefusedNumber]:
    return RefusedNumber.objects.filter(number_key__in=sorted(whose.addresses)).order_by("pk")


register_section(
    Section(
        50, "contacts", _("Contacts"),
        [
            *fields_of(
                Contact, number=PLAIN, channel=PLAIN, direction=PLAIN, started_at=PLAIN, ended_at=PLAIN,
                caller_number="phone", caller_name=PLAIN, subject=WORDS, content=WORDS, outcome=PLAIN,
                ticket_number=PLAIN, result_text=WORDS,
            ),
            Told(_("Result"), "result.label"), Told(_("Unit"), "unit.label"),
        ],
        _contacts, _contact_files,
    )
)  # fmt: skip
register_section(
    Section(
        60, "chats", _("Chats"),
        [
            Told(_("Began"), "session.started_at"), Told(_("Name"), "session.visitor_name"),
            Told(_("Telephone"), "session.visitor_phone", "phone"),
            *fields_of(ChatMessage, written_at=PLAIN), Told(_("Said by"), "speaker"),
            *fields_of(ChatMessage, text=WORDS), Told(_("Rating"), "session.stars"),
            Told(_("Words of the rating"), "session.rating_words", WORDS),
        ],
        _chat_messages, _chat_files,
    )
)  # fmt: skip
register_section(
    Section(
        70, "mails", _("Incoming mails"),
        [
            *fields_of(IncomingMail, received_at=PLAIN, sender="phone"), Told(_("Name"), "sender_name"),
            *fields_of(IncomingMail, subject=WORDS, ticket_number=PLAIN),
            Told(_("Content"), "contact.content", WORDS), Told(_("Quoted"), "quoted", WORDS),
        ],
        _mails, _mail_files,
    )
)  # fmt: skip
register_section(
    Section(
        71, "texts", _("Incoming short messages"),
        fields_of(IncomingText, received_at=PLAIN, sender="phone", text=WORDS, ticket_number=PLAIN),
        _texts,
    )
)  # fmt: skip
register_section(
    Section(
        80, "messages", _("Messages to the customer"),
        fields_of(
            OutgoingMessage, created_at=PLAIN, sent_at=PLAIN, medium=PLAIN, address="phone", subject=WORDS, text=WORDS,
            state=PLAIN,
        ),
        _sent,
    )
)  # fmt: skip
register_section(
    Section(
        90, "counter_numbers", _("Numbers drawn at the counter"),
        fields_of(CounterNumber, label=PLAIN, matter=WORDS, name=PLAIN, phone="phone", state=PLAIN),
        _numbers,
    )
)  # fmt: skip
register_section(
    Section(
        95, "refused_advertising", _("Numbers that refuse advertising"),
        [Told(_("Telephone"), "number_key", "phone"), Told(_("Word of refusal"), "word"), Told(_("Since"), "refused_at")],
        _refused,
    )
)  # fmt: skip
