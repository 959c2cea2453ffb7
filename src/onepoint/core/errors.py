"""Errors as facts: what a person may be told when an action is refused."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class BusinessError(Exception):
    """A refusal with a stable ``code`` and a sentence in the reader's language; one middleware shows it.

    Subclasses are declared in the module that raises them. ``message`` may hold ``%(name)s`` fields filled from
    the keyword arguments, which are also kept in ``details`` for the API.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str | Promise] = _("This is not possible.")
    status: ClassVar[int] = 409

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.details if self.details else str(self.message)


class NotPermitted(BusinessError):
    """The person's roles do not hold the permission."""

    code = "not_permitted"
    message = _("Your role does not allow this.")
    status = 403


class InvalidInput(BusinessError):
    """Input that no state or role would make acceptable; ``errors`` maps field names to sentences."""

    code = "invalid_input"
    message = _("Please check what you entered.")
    status = 422

    def __init__(self, errors: dict[str, Any] | None = None, **details: Any) -> None:
        self.errors = errors or {}
        super().__init__(**details)

    def __str__(self) -> str:
        sentence = super().__str__()
        return " ".join([sentence, *(str(error) for error in self.errors.values())])


class SomebodyWasFaster(BusinessError):
    """A compare-and-set found another state than expected: another person acted in between."""

    code = "somebody_was_faster"
    message = _("Somebody else has just changed this. Please look at the current state.")


def require(refusal: BusinessError | None) -> None:
    """Raise the refusal that a ``why_not_…`` policy returned; do nothing for None."""
    if refusal is not None:
        raise refusal
