"""Why somebody may not register, answer or close a regulator's case: the refusal, or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.regulators.models import RegulatorCase
from onepoint.regulators.states import TRANSITIONS
from onepoint.tickets.models import Ticket


class CaseStateForbids(BusinessError):
    """The transition table has no such step from the present state."""

    code = "case_state_forbids"
    message = _("This is not possible while the case is “%(state)s”.")


class RegisteredAlready(BusinessError):
    """The authority's number stands in the house already; ``number`` and ``url`` lead there."""

    code = "registered_already"
    message = _("%(regulator)s %(case_number)s is registered already as %(number)s.")


class OtherCustomer(BusinessError):
    """The ticket belongs to somebody else than the case."""

    code = "other_customer"
    message = _("Ticket %(number)s belongs to another customer.")
    status = 422


def why_not_list(by: User | None) -> BusinessError | None:
    """The list needs ``regulator.view``."""
    return why_not_permitted("regulator.view", by)


def why_not_register(by: User | None) -> BusinessError | None:
    """Taking in what an authority hands over needs ``regulator.register``."""
    return why_not_permitted("regulator.register", by)


def why_not_manage(by: User | None) -> BusinessError | None:
    """The regulators themselves: ``regulator.manage``."""
    return why_not_permitted("regulator.manage", by)


def _why_not(case: RegulatorCase, verb: str, by: User | None) -> BusinessError | None:
    transition = TRANSITIONS[verb]
    if by is not None and not (
        by.may(transition.permission)
        and scope_of(by, transition.permission).reaches(
            unit_id=case.unit_id, region_id=case.region_id,
            level_id=case.customer.level_id if case.customer else None, has_customer=case.customer is not None,
        )
    ):  # fmt: skip
        return NotPermitted()
    return None if case.state in transition.sources else CaseStateForbids(state=case.get_state_display())


def why_not_take_up(case: RegulatorCase, by: User | None) -> BusinessError | None:
    """Giving a case its ticket: ``regulator.register`` in the case's place, while it has none."""
    return _why_not(case, "take_up", by)


def why_not_answer(case: RegulatorCase, by: User | None) -> BusinessError | None:
    """Recording the answer: ``regulator.answer`` in the case's place, once."""
    return _why_not(case, "answer", by)


def why_not_close(case: RegulatorCase, by: User | None) -> BusinessError | None:
    """Recording how the authority closed it: ``regulator.answer`` in the case's place."""
    return _why_not(case, "close", by)


def why_not_link(ticket: Ticket, customer_id: int | None) -> OtherCustomer | None:
    """A case goes to a ticket of the same customer."""
    differs = customer_id and ticket.customer_id and ticket.customer_id != customer_id
    return OtherCustomer(number=ticket.number) if differs else None
