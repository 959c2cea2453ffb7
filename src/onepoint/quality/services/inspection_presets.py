"""Loading what every house starts with; what is there already is left as it is."""

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core.errors import require
from onepoint.quality import inspection_presets as presets
from onepoint.quality import inspection_rights as rights
from onepoint.quality.models import ExpertLevel, SamplingPlan, Scorecard
from onepoint.quality.risks import all_risks
from onepoint.quality.services.ladder import create_level
from onepoint.quality.services.planning import PlanItems, create_plan
from onepoint.quality.services.scorecards import create_scorecard, publish_scorecard


@transaction.atomic
def load_inspection_presets(*, by: User | None) -> None:
    """The delivered score cards and, in a house without any, sampling plans and the rungs of the ladder. Raises NotPermitted."""
    require(rights.why_not_plan(by))
    for code, (name, name_en, about, items) in presets.SCORECARDS.items():
        if not Scorecard.objects.filter(code=code).exists():
            made = create_scorecard(code=code, name=name, name_en=name_en, about=about, items=items, by=by)
            publish_scorecard(made, by=by)
    if not SamplingPlan.objects.exists():
        known = {risk.code for risk in all_risks()}
        for name, name_en, code, values in presets.PLANS:
            weights = {risk: weight for risk, weight in values.get("weights", {}).items() if risk in known}
            card = Scorecard.objects.get(code=code)
            create_plan(PlanItems(scorecard=card, name=name, name_en=name_en, **values | {"weights": weights}), by=by)
    if not ExpertLevel.objects.exists():
        for code, name, name_en, rank, asked in presets.LEVELS:
            create_level(code=code, name=name, name_en=name_en, rank=rank, by=by, **asked)
