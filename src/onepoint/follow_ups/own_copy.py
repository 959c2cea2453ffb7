"""What return visits give to a customer's copy of all data: what the customer answered, and what answers he was given."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.customers.copying import PLAIN, WORDS, Section, Told, Whose, fields_of, register_section
from onepoint.follow_ups.models import FollowUp, ReplyAttempt
from onepoint.follow_ups.questions import sheet_of


def _visits(whose: Whose) -> Iterable[FollowUp]:
    visits = FollowUp.objects.filter(customer__in=list(whose.ids)).select_related("ticket", "questionnaire")
    for visit in visits.order_by("pk"):
        visit.spoken = _spoken(visit)  # type: ignore[attr-defined]
        yield visit


def _spoken(visit: FollowUp) -> dict[str, Any]:
    """The answers by their questions, as both were shown."""
    if visit.questionnaire is None:
        return dict(visit.answers)
    questions = sheet_of(visit.questionnaire.schema).questions
    return {one.label: one.answer_label(visit.answers[one.key]) for one in questions if one.key in visit.answers}


def _replies(whose: Whose) -> QuerySet[ReplyAttempt]:
    return ReplyAttempt.objects.filter(ticket__customer__in=list(whose.ids)).select_related("ticket").order_by("pk")


register_section(
    Section(
        120, "visits", _("Return visits"),
        [
            Told(_("Ticket"), "ticket.number"), *fields_of(FollowUp, made_at=PLAIN, state=PLAIN, way=PLAIN),
            *fields_of(FollowUp, answered_at=PLAIN), Told(_("Answers"), "spoken", WORDS),
            *fields_of(FollowUp, is_satisfied=PLAIN, stars=PLAIN, words=WORDS),
        ],
        _visits,
    )
)  # fmt: skip
register_section(
    Section(
        121, "replies", _("Answers to the customer"),
        [
            Told(_("Ticket"), "ticket.number"),
            *fields_of(ReplyAttempt, at=PLAIN, way=PLAIN, outcome=PLAIN, result=WORDS, reason=WORDS, promise=WORDS),
        ],
        _replies,
    )
)  # fmt: skip
