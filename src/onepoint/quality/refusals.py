"""What a person may be told who wants something of the standard, a mark, an appeal or a rectification."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import BusinessError


class NoStandardInForce(BusinessError):
    """Nothing is unqualified before it has been published what that is."""

    code = "no_standard_in_force"
    message = _("No standard has been published yet.")


class NotADraft(BusinessError):
    """What has been published never changes."""

    code = "standard_not_a_draft"
    message = _("This version has been published and never changes; change the draft of the next one.")


class DraftThereAlready(BusinessError):
    """One draft at a time."""

    code = "standard_draft_there"
    message = _("There is a draft already.")


class CodeNotForThis(BusinessError):
    """A code of another version, or of the other side's work."""

    code = "code_not_for_this"
    message = _("This code is not one of the standard in force for this kind of judgement.")
    status = 422


class OwnWork(BusinessError):
    """Nobody judges himself."""

    code = "own_work"
    message = _("Nobody marks his own work.")


class NotTheirWork(BusinessError):
    """Only who recorded the ticket, or finished that step, can be judged for it."""

    code = "not_their_work"
    message = _("%(name)s did not do this part of the ticket.")
    status = 422


class NotToBeMarked(BusinessError):
    """An appeal is decided, not marked."""

    code = "not_to_be_marked"
    message = _("Work on an appeal is not marked.")


class NotYourMark(BusinessError):
    """A mark is taken back by who made it."""

    code = "not_your_mark"
    message = _("Only whoever made the mark may withdraw it.")
    status = 403


class MarkStateForbids(BusinessError):
    """No such step from its present state."""

    code = "mark_state_forbids"
    message = _("This is not possible while the mark is “%(state)s”.")


class MarkIsFinal(BusinessError):
    """The time to appeal is over."""

    code = "mark_is_final"
    message = _("The time to appeal is over; the mark is final.")


class NotYoursToAppeal(BusinessError):
    """The person judged, or who receives for that unit."""

    code = "not_yours_to_appeal"
    message = _("Only the person judged, or the interface person of the unit, may appeal.")
    status = 403


class AppealedAlready(BusinessError):
    """One mark, one appeal."""

    code = "appealed_already"
    message = _("This mark has been appealed against already; there is one appeal.")


class NotYourRectification(BusinessError):
    """Handed in by who owes it, or receives for the unit."""

    code = "not_your_rectification"
    message = _("Only the responsible person may hand this in.")
    status = 403


class NotYoursToAccept(BusinessError):
    """Judged by who asked for it."""

    code = "not_yours_to_accept"
    message = _("Only whoever asked for it may decide on it.")
    status = 403


class RectificationStateForbids(BusinessError):
    """No such step from its present state."""

    code = "rectification_state_forbids"
    message = _("This is not possible while the rectification is “%(state)s”.")
