"""What inspection holds of a customer and loses when the customer is erased; marks and scores stay."""

from django.db.models import Q

from onepoint.customers.erasing import Erased, Holding, register_holding
from onepoint.quality.models import Appeal, CoachingCase, HiddenRisk, Inspection, Mark, Scoring


def _about(erased: Erased, prefix: str = "") -> Q:
    own = list(erased.ids)
    return Q(**{f"{prefix}ticket__customer__in": own}) | Q(**{f"{prefix}contact__customer__in": own})


register_holding(
    Holding(
        500,
        "mark",
        Mark,
        lambda erased: Mark.objects.filter(_about(erased)),
        texts=["words"],
        subject="mark",
    )
)
register_holding(
    Holding(501, "appeal", Appeal, lambda erased: Appeal.objects.filter(_about(erased, "mark__")), texts=["reason"])
)
register_holding(
    Holding(
        510, "inspection", Inspection, lambda erased: Inspection.objects.filter(_about(erased)),
        texts=["words", "appeal_words"], subject="inspection",
    )
)  # fmt: skip
register_holding(
    Holding(
        511, "scoring", Scoring, lambda erased: Scoring.objects.filter(_about(erased, "inspection__")),
        texts=["answers", "notes", "words"],
    )
)  # fmt: skip
register_holding(
    Holding(
        512, "coaching_case", CoachingCase, lambda erased: CoachingCase.objects.filter(_about(erased, "inspection__")),
        texts=["title", "story", "lesson", "search_keys"],
    )
)  # fmt: skip
register_holding(
    Holding(
        520, "hidden_risk", HiddenRisk, lambda erased: HiddenRisk.objects.filter(ticket__customer__in=list(erased.ids)),
        texts=["title", "words", "place", "product", "removal", "verdict"], subject="hidden_risk",
    )
)  # fmt: skip
