"""Who may do what in a web chat."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.chat_states import ChatState
from onepoint.channels.models.chat import ChatSession
from onepoint.core.errors import BusinessError


class ChatIsOver(BusinessError):
    """Nothing more is said in a conversation that has ended."""

    code = "chat_is_over"
    message = _("This conversation has ended.")


class ChatIsSomebodyElses(BusinessError):
    """Somebody else leads this conversation (now)."""

    code = "chat_is_somebody_elses"
    message = _("Somebody else leads this conversation now.")


class ChatNotOver(BusinessError):
    """It can be rated only once it has ended."""

    code = "chat_not_over"
    message = _("This conversation is still going on.")


class ChatIsClosed(BusinessError):
    """Nobody answers now: closed, or too many wait."""

    code = "chat_is_closed"
    message = _("Nobody can answer just now. Please leave us a message.")


def why_not_lead(session: ChatSession, by: User | None) -> BusinessError | None:
    """Answering, ending, giving on: by its own agent while it is open."""
    if refusal := why_not_permitted("queue.work", by):
        return refusal
    if by is not None and session.agent_id != by.pk:
        return ChatIsSomebodyElses()
    return None if session.state == ChatState.ACTIVE else ChatIsOver()


def why_not_wrap_up(session: ChatSession, by: User | None) -> BusinessError | None:
    """Category, outcome and ticket: by its own agent, also after the end."""
    if refusal := why_not_permitted("queue.work", by):
        return refusal
    return ChatIsSomebodyElses() if by is not None and session.agent_id != by.pk else None


def why_not_reassign(session: ChatSession, by: User | None) -> BusinessError | None:
    """Its own agent, or whoever watches the queue; while it is open."""
    if by is not None and session.agent_id == by.pk:
        return why_not_lead(session, by)
    if refusal := why_not_permitted("queue.watch", by):
        return refusal
    if by is not None and not scope_of(by, "queue.watch").without_levels().meets(session.audience):
        return OutsideYourScope()
    return None if session.is_open else ChatIsOver()


def why_not_change_sites(by: User | None) -> BusinessError | None:
    """Needs ``queue.change``."""
    return why_not_permitted("queue.change", by)
