"""Who may see and resend messages, and change the gateways they leave by."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Gateway, OutgoingMessage
from onepoint.channels.states import MESSAGE_MOVES
from onepoint.core.errors import BusinessError


class MessageNotInThatState(BusinessError):
    """What one wants to do with the message does not fit how far it is."""

    code = "message_not_in_that_state"
    message = _("This message is “%(state)s”; that cannot be done with it now.")


class GatewayInUse(BusinessError):
    """A gateway that is switched on is not taken away."""

    code = "gateway_in_use"
    message = _("Please switch the gateway off first.")


class GatewayIsOff(BusinessError):
    """Nothing leaves by a gateway that is switched off."""

    code = "gateway_is_off"
    message = _("The gateway is switched off.")


def why_not_see_gateways(by: User | None) -> BusinessError | None:
    """Needs ``gateway.view``."""
    return why_not_permitted("gateway.view", by)


def why_not_change_gateways(by: User | None) -> BusinessError | None:
    """Needs ``gateway.change``."""
    return why_not_permitted("gateway.change", by)


def why_not_remove_gateway(gateway: Gateway, by: User | None) -> BusinessError | None:
    """Needs ``gateway.change`` and a gateway that is switched off."""
    return why_not_change_gateways(by) or (GatewayInUse() if gateway.is_active else None)


def why_not_try_gateway(gateway: Gateway, by: User | None) -> BusinessError | None:
    """Needs ``gateway.change`` and a gateway that is switched on."""
    return why_not_change_gateways(by) or (None if gateway.is_active else GatewayIsOff())


def why_not_see_messages(by: User | None) -> BusinessError | None:
    """Needs ``outbox.view``; which ones one sees is decided by scope."""
    return why_not_permitted("outbox.view", by)


def why_not_resend_message(message: OutgoingMessage, by: User | None) -> BusinessError | None:
    """Needs ``outbox.resend`` for what it is about, and a message that is given up, expired or cancelled."""
    return _why_not_move("resend", message, by)


def why_not_cancel_message(message: OutgoingMessage, by: User | None) -> BusinessError | None:
    """Needs ``outbox.resend`` for what it is about, and a message that waits or is given up."""
    return _why_not_move("cancel", message, by)


def _why_not_move(verb: str, message: OutgoingMessage, by: User | None) -> BusinessError | None:
    if refusal := why_not_permitted("outbox.resend", by):
        return refusal
    if by is not None and not scope_of(by, "outbox.resend").without_levels().meets(message.audience):
        return OutsideYourScope()
    if message.state not in MESSAGE_MOVES[verb][0]:
        return MessageNotInThatState(state=message.get_state_display())
    return None
