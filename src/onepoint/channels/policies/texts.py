"""Who may see and file short messages that come in."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import IncomingText
from onepoint.channels.states import TextState
from onepoint.core.errors import BusinessError


class TextAlreadyFiled(BusinessError):
    """Somebody, or the house itself, has dealt with the text."""

    code = "text_already_filed"
    message = _("This message is already dealt with: %(state)s.")


def why_not_see_texts(by: User | None) -> BusinessError | None:
    """Needs ``text.view``; which ones one sees is decided by scope."""
    return why_not_permitted("text.view", by)


def why_not_file_text(text: IncomingText, by: User | None) -> BusinessError | None:
    """Needs ``text.file`` within sight, and a text nobody could file yet."""
    if refusal := why_not_permitted("text.file", by):
        return refusal
    if by is not None and not scope_of(by, "text.file").without_levels().meets(text.audience):
        return OutsideYourScope()
    if text.state != TextState.UNMATCHED:
        return TextAlreadyFiled(state=text.get_state_display())
    return None


def why_not_change_text_rules(by: User | None) -> BusinessError | None:
    """Needs ``gateway.change``."""
    return why_not_permitted("gateway.change", by)
