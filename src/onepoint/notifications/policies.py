"""Who may change how the house tells people things, and who may write to whom."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import Roster, User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.notifications.models import Conversation, Participant
from onepoint.notifications.states import ConversationKind

MANAGE = "notification.manage"
WRITE = "message.write"


class NotInConversation(BusinessError):
    """Somebody who does not take part, or no longer."""

    code = "not_in_conversation"
    message = _("You do not take part in this conversation.")
    status = 403


class OnlyForGroups(BusinessError):
    """A conversation of two people stays one of two people."""

    code = "only_for_groups"
    message = _("This is only possible in a group.")


class RosterNotYours(BusinessError):
    """A duty roster one has nothing to do with."""

    code = "roster_not_yours"
    message = _("You have nothing to do with this duty roster.")
    status = 403


def why_not_manage_notifications(by: User | None) -> BusinessError | None:
    """Texts, rules of the house, defaults of roles and webhooks: needs ``notification.manage``."""
    return why_not_permitted(MANAGE, by)


def why_not_change_preference(person: User, by: User | None) -> BusinessError | None:
    """How somebody wants to be told is his own affair."""
    return None if by is None or by.pk == person.pk else NotPermitted()


def why_not_write(by: User | None) -> BusinessError | None:
    """Writing to colleagues needs ``message.write``; reading what one was written needs nothing."""
    return why_not_permitted(WRITE, by)


def why_not_write_to_duty(roster: Roster, by: User) -> BusinessError | None:
    """Those on duty hear from whoever has to do with their roster."""
    if refusal := why_not_write(by):
        return refusal
    is_own = accounts_queries.rosters_visible_to(by).filter(pk=roster.pk, is_active=True).exists()
    return None if is_own else RosterNotYours()


def why_not_write_into(part: Participant | None, by: User | None) -> BusinessError | None:
    """Only those who take part write, and only while they may write at all."""
    return NotInConversation() if part is None else why_not_write(by)


def why_not_change_group(conversation: Conversation, part: Participant | None, by: User | None) -> BusinessError | None:
    """Everybody in a group may let others in."""
    if refusal := why_not_write_into(part, by):
        return refusal
    return None if conversation.kind == ConversationKind.GROUP else OnlyForGroups()


def why_not_leave(conversation: Conversation, part: Participant | None) -> BusinessError | None:
    """One leaves a group or a round of those on duty; what two people write each other stays with both."""
    if part is None:
        return NotInConversation()
    return OnlyForGroups() if conversation.kind == ConversationKind.DIRECT else None
