"""Who may set up mailboxes, see incoming mails and decide about those nobody could file."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import IncomingMail, Mailbox
from onepoint.channels.states import MAIL_MOVES
from onepoint.core.attachments import why_removed
from onepoint.core.errors import BusinessError


class MailNotInThatState(BusinessError):
    """What one wants to do with the mail does not fit how far it is."""

    code = "mail_not_in_that_state"
    message = _("This mail is “%(state)s”; that cannot be done with it now.")


class MailboxInUse(BusinessError):
    """A mailbox that is switched on is not taken away."""

    code = "mailbox_in_use"
    message = _("Please switch the mailbox off first.")


def why_not_see_mailboxes(by: User | None) -> BusinessError | None:
    """Needs ``mailbox.view``."""
    return why_not_permitted("mailbox.view", by)


def why_not_change_mailboxes(by: User | None) -> BusinessError | None:
    """Needs ``mailbox.change``."""
    return why_not_permitted("mailbox.change", by)


def why_not_remove_mailbox(mailbox: Mailbox, by: User | None) -> BusinessError | None:
    """Needs ``mailbox.change`` and a mailbox that is switched off."""
    return why_not_change_mailboxes(by) or (MailboxInUse() if mailbox.is_active else None)


def why_not_see_mails(by: User | None) -> BusinessError | None:
    """Needs ``mail.view``; which ones one sees is decided by scope."""
    return why_not_permitted("mail.view", by)


def why_not_file_mails(by: User | None) -> BusinessError | None:
    """Deciding about mails at all needs ``mail.file``."""
    return why_not_permitted("mail.file", by)


def why_not_move_mail(verb: str, mail: IncomingMail, by: User | None) -> BusinessError | None:
    """Retry, file or put aside: needs ``mail.file`` for its mailbox, and a mail nobody has filed."""
    if refusal := why_not_permitted("mail.file", by):
        return refusal
    if by is not None and not scope_of(by, "mail.file").without_levels().meets(mail.audience):
        return OutsideYourScope()
    if mail.state not in MAIL_MOVES[verb][0]:
        return MailNotInThatState(state=mail.get_state_display())
    return why_removed(mail.raw) if verb != "ignore" and mail.raw is not None else None


def why_not_lift_mutes(by: User | None) -> BusinessError | None:
    """Listening to a muted sender again needs ``mail.file``."""
    return why_not_permitted("mail.file", by)


def why_not_read_original(by: User | None) -> BusinessError | None:
    """The mail byte for byte shows everything unmasked: needs ``mail.original`` beside seeing the mail."""
    return why_not_permitted("mail.original", by)
