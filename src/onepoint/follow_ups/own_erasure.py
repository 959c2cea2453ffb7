"""What return visits and answers hold of a customer and lose when the customer is erased; ratings stay as figures."""

from django.db.models import Q, QuerySet

from onepoint.customers.erasing import Erased, Holding, register_holding
from onepoint.follow_ups.models import FollowUp, ReplyAttempt, VisitAttempt


def _visits(erased: Erased) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(Q(customer__in=list(erased.ids)) | Q(ticket__customer__in=list(erased.ids)))


register_holding(
    Holding(
        300,
        "visit",
        FollowUp,
        _visits,
        texts=["words", "answers"],
        subject="follow_up",
    )
)
register_holding(
    Holding(
        301, "visit_attempt", VisitAttempt,
        lambda erased: VisitAttempt.objects.filter(follow_up__in=_visits(erased).values("pk")), texts=["note"],
    )
)  # fmt: skip
register_holding(
    Holding(
        302, "reply", ReplyAttempt, lambda erased: ReplyAttempt.objects.filter(ticket__customer__in=list(erased.ids)),
        texts=["result", "reason", "promise", "note"],
    )
)  # fmt: skip
