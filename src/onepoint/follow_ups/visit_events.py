"""What people are told about return visits, with the delivered texts."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.follow_ups.models import FollowUp
from onepoint.notifications.registry import Event, Variable, register_event, register_group
from onepoint.notifications.services import notify
from onepoint.tickets.models import Ticket

SATISFIED, NOT_SATISFIED, CRISIS = "visit.satisfied", "visit.not_satisfied", "visit.crisis"

_NUMBER = Variable("number", _("Ticket"), "TS20261122000123")
_WORDS = Variable("words", _("The customer's words"), "…")


def register() -> None:
    """Called when the house starts."""
    register_group("visits", _("Return visits"), 30)
    for name, label, zh, en in (
        (
            SATISFIED, _("A customer you were first asked by is satisfied"),
            ("客户满意：{number}", "您首问的工单 {number} 已回访，客户表示满意。{words}\n{link}"),
            ("Satisfied: {number}", "The customer of ticket {number} is satisfied. {words}\n{link}"),
        ),
        (
            NOT_SATISFIED, _("A customer you were first asked by is not satisfied"),
            ("客户不满意：{number}", "您首问的工单 {number} 回访不满意，工单已退回承办部门继续处理。{words}\n{link}"),
            ("Not satisfied: {number}", "The customer of ticket {number} is not satisfied; the department goes on. {words}\n{link}"),
        ),
        (
            CRISIS, _("A ticket you were first asked about is at the crisis seats"),
            ("转危机专席：{number}", "您首问的工单 {number} 回访不满意，已转危机处理专席。{words}\n{link}"),
            ("Crisis seat: {number}", "Ticket {number} went to the crisis seats. {words}\n{link}"),
        ),
    ):  # fmt: skip
        register_event(
            Event(
                name=name, label=label, group="visits", variables=(_NUMBER, _WORDS), text={"zh-hans": zh, "en": en},
                ways=("app",) if name == SATISFIED else ("app", "email"),
            )
        )  # fmt: skip


def tell_owner(event: str, ticket: Ticket, follow_up: FollowUp, *, by: User | None) -> None:
    """The first-asked person hears of everything that comes of a visit. Part of the answer's write."""
    if ticket.owner_id:
        notify(
            event, [ticket.owner_id], key=f"{event}/{follow_up.pk}", facts={"number": ticket.number, "words": follow_up.words[:300]},
            subject=("ticket", ticket.pk), url=ticket.get_absolute_url(), by=by,
        )  # fmt: skip
