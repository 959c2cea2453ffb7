"""What web chats tell the house: how they ring, their places in the sidebar, their audit verbs, what they do every second."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.open_addresses import open_to_strangers
from onepoint.assignment.models import QueueEntry
from onepoint.assignment.subjects import Ringing, Subject, register_subject
from onepoint.channels.models.chat import ChatSession, ChatSite
from onepoint.core import navigation
from onepoint.core.audit import name_verb
from onepoint.core.navigation import NavItem
from onepoint.core.ticks import register_tick
from onepoint.core.timeline import name_subject, register_sentences


def _ringing(entry: QueueEntry) -> Ringing:
    chat = ChatSession.objects.select_related("customer").filter(pk=entry.subject_id).first()
    return Ringing(chat.visitor_label, chat.question) if chat else Ringing("", "")


def register() -> None:
    """Called once, when the house starts."""
    from onepoint.channels import receivers  # noqa: F401  (connects by being imported)
    from onepoint.channels.queries import chats as queries
    from onepoint.channels.services import chat_endings
    from onepoint.channels.services import chats as services
    from onepoint.customers.merging import Holder, register_holder

    open_to_strangers("/chat/")
    register_tick("channels.chats", partial(chat_endings.end_silent_chats, by=None))
    register_subject(
        Subject("chat", _("Web chat"), _ringing, lambda entry: reverse("chat-detail", args=[entry.subject_id]))
    )
    navigation.register(NavItem("channels", 10, _("Chats"), "chat-desk", "message-circle", "queue.work", "g h"))
    navigation.register(NavItem("supervision", 36, _("Chats now"), "chat-live", "message-circle", "queue.watch"))
    register_holder(
        Holder(
            "chatsession", ChatSession._meta.verbose_name_plural or "", queries.count_of_customer,
            lambda merged, survivor, _replaced: services.move_chats(
                queries.ids_of_customer(merged), of=merged, to=survivor, by=None
            ),
            lambda merged, survivor, moved: len(services.move_chats(list(moved), of=survivor, to=merged, by=None)),
        )
    )  # fmt: skip
    for verb, label in _VERBS.items():
        name_verb(verb, label)
    register_sentences(_SENTENCES)
    name_subject("chat", ChatSession, "visitor_name")
    name_subject("chat_site", ChatSite, "origin")


_VERBS = {
    "chat.accepted": _("Chat accepted"),
    "chat.passed": _("Chat passed on"),
    "chat.taken_back": _("Chat of a lost agent taken back"),
    "chat.ended": _("Chat ended"),
    "chat.rated": _("Chat rated"),
    "chat.wrapped_up": _("Chat wrapped up"),
    "chat.customer_confirmed": _("Customer of a chat confirmed"),
    "chat_site.added": _("Web site with chat added"),
    "chat_site.switched_on": _("Web site with chat switched on"),
    "chat_site.switched_off": _("Web site with chat switched off"),
}
_SENTENCES = {
    "chat.accepted": _("accepted the chat"),
    "chat.passed": _("passed the chat on to %(to)s"),
    "chat.taken_back": _("let the chat wait for somebody else: the browser of %(agent)s was closed"),
    "chat.ended": _("ended the chat"),
    "chat.rated": _("the customer gave %(stars)s stars"),
    "chat.wrapped_up": _("wrapped the chat up"),
    "chat.customer_confirmed": _("confirmed the customer %(customer)s"),
    "chat_site.added": _("lets %(origin)s show the chat"),
    "chat_site.switched_on": _("lets %(origin)s show the chat again"),
    "chat_site.switched_off": _("lets %(origin)s show the chat no more"),
}
