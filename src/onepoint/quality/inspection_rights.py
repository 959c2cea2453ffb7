"""Why something about score cards, plans and inspections may not be done: each returns the refusal or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.quality.inspection_states import ABOVE, InspectionState, ScoringState
from onepoint.quality.models import Inspection, SamplingPlan, Scoring
from onepoint.quality.queries import inspections as queries
from onepoint.quality.states import MarkState


class ScoredAlready(BusinessError):
    """What was submitted is not changed any more."""

    code = "scored_already"
    message = _("This has been submitted already.")


class ScoredBySomebody(BusinessError):
    """One inspector for one scoring."""

    code = "scored_by_somebody"
    message = _("%(name)s is scoring this.")


class NotYourScoring(BusinessError):
    """Scores are given by whoever took the work to be scored."""

    code = "not_your_scoring"
    message = _("Only whoever scores this may do so; take it first.")
    status = 403


class OwnUnit(BusinessError):
    """The plan forbids it."""

    code = "own_unit"
    message = _("By this plan nobody inspects their own unit or units below it.")


class OwnWorkInspected(BusinessError):
    """Nobody inspects himself, whatever the plan says."""

    code = "own_work_inspected"
    message = _("Nobody inspects his own work.")


class SecondOpinionNeeded(BusinessError):
    """Two scorings are made by two people, a third by a third."""

    code = "second_opinion_needed"
    message = _("%(name)s has scored this already; somebody else must do it.")


class NotNamedByPlan(BusinessError):
    """The plan names its inspectors."""

    code = "not_named_by_plan"
    message = _("%(name)s is not among the inspectors of this plan.")


class OutsideScope(BusinessError):
    """The inspector's role does not reach the unit inspected."""

    code = "outside_inspection_scope"
    message = _("The role of %(name)s does not reach this unit.")
    status = 403


class NotAboutYou(BusinessError):
    """A result is read and appealed against by whoever was inspected."""

    code = "not_about_you"
    message = _("Only the person inspected may do this.")
    status = 403


class NothingToAnswer(BusinessError):
    """There is no result yet, or it has been answered."""

    code = "no_result_to_answer"
    message = _("There is no result to be answered here (%(state)s).")


class AppealTheMark(BusinessError):
    """Where a code of the standard was marked, the mark is appealed against."""

    code = "appeal_the_mark"
    message = _(
        "A code of the standard was marked here: appeal against the mark. The scores follow if it is overturned."
    )


class CardNotPublished(BusinessError):
    """Nothing is scored by a draft."""

    code = "card_not_published"
    message = _("The score card of this plan has not been published yet.")


class AppealTooLate(BusinessError):
    """The limit is over."""

    code = "appeal_too_late"
    message = _("The time to appeal is over.")


def why_not_see_inspections(by: User | None) -> BusinessError | None:
    """The permission ``inspection.view``; results about one's own work everybody sees."""
    return why_not_permitted("inspection.view", by)


def why_not_plan(by: User | None) -> BusinessError | None:
    """The permission ``inspection.plan``: score cards, plans, draws, handing out."""
    return why_not_permitted("inspection.plan", by)


def why_not_inspect(by: User | None) -> BusinessError | None:
    """The permission ``inspection.score`` or ``inspection.arbitrate``."""
    refusal = why_not_permitted("inspection.score", by)
    return refusal and why_not_permitted("inspection.arbitrate", by)


def permission_for(scoring: Scoring) -> str:
    """What the part asks for: arbitration and scoring again is another right than scoring."""
    return "inspection.arbitrate" if scoring.part in ABOVE else "inspection.score"


def is_of_own_unit(inspection: Inspection, person: User) -> bool:
    """Whether the work inspected belongs to the person's unit or one below it."""
    path = person.unit.path if person.unit else ""
    return bool(path) and (inspection.unit_path.startswith(path) or inspection.subject_path.startswith(path))


def is_named_by(plan: SamplingPlan, person: User) -> bool:
    """Whether a plan names the person, by himself or by a role; one that names nobody takes everybody."""
    if not plan.inspector_ids and plan.role_id is None:
        return True
    return person.pk in plan.inspector_ids or any(grant.role_id == plan.role_id for grant in person.active_grants)


def why_not_suit(inspection: Inspection, part: str, person: User) -> BusinessError | None:
    """What speaks against a person whoever else has scored it: right, scope, plan, own unit, own work. No query per inspection."""
    permission = "inspection.arbitrate" if part in ABOVE else "inspection.score"
    if refusal := why_not_permitted(permission, person):
        return refusal
    within = scope_of(person, permission).reaches(
        unit_id=inspection.unit_id, region_id=inspection.region_id, level_id=inspection.customer_level_id,
        has_customer=inspection.customer_level_id is not None,
    )  # fmt: skip
    if not within:
        return OutsideScope(name=person.label)
    if inspection.person_id == person.pk:
        return OwnWorkInspected()
    if inspection.plan.bans_own_unit and is_of_own_unit(inspection, person):
        return OwnUnit()
    return NotNamedByPlan(name=person.label) if part not in ABOVE and not is_named_by(inspection.plan, person) else None


def why_not_be_given(scoring: Scoring, person: User) -> BusinessError | None:
    """What holds for whoever takes a scoring and whoever is handed one; nobody scores the same work twice."""
    if refusal := why_not_suit(scoring.inspection, scoring.part, person):
        return refusal
    others = Scoring.objects.filter(inspection=scoring.inspection_id, inspector=person).exclude(pk=scoring.pk)
    return SecondOpinionNeeded(name=person.label) if others.exists() else None


def why_not_take(scoring: Scoring, by: User) -> BusinessError | None:
    """Open, and nothing speaks against this person."""
    if scoring.state == ScoringState.SUBMITTED:
        return ScoredAlready()
    if scoring.inspector_id not in (None, by.pk):
        return ScoredBySomebody(name=scoring.inspector.label if scoring.inspector else "")
    return why_not_be_given(scoring, by)


def why_not_submit(scoring: Scoring, by: User) -> BusinessError | None:
    """By whoever took it, once."""
    if scoring.inspector_id != by.pk:
        return NotYourScoring()
    if scoring.state == ScoringState.SUBMITTED:
        return ScoredAlready()
    return why_not_permitted(permission_for(scoring), by)


def why_not_give_back(scoring: Scoring, by: User) -> BusinessError | None:
    """By whoever took it, or with ``inspection.plan``."""
    if scoring.state != ScoringState.CLAIMED:
        return ScoredAlready() if scoring.state == ScoringState.SUBMITTED else NotYourScoring()
    return None if scoring.inspector_id == by.pk else why_not_plan(by)


def why_not_hand_over(scoring: Scoring, by: User | None) -> BusinessError | None:
    """Not submitted, with ``inspection.plan``."""
    return ScoredAlready() if scoring.state == ScoringState.SUBMITTED else why_not_plan(by)


def why_not_acknowledge(inspection: Inspection, by: User) -> BusinessError | None:
    """By the person inspected, while the result is new."""
    if inspection.person_id != by.pk:
        return NotAboutYou()
    if inspection.state != InspectionState.TOLD:
        return NothingToAnswer(state=inspection.get_state_display())
    return None


def why_not_appeal_result(inspection: Inspection, by: User) -> BusinessError | None:
    """By the person inspected, once and in time; where codes were marked, against the marks."""
    if inspection.person_id != by.pk:
        return NotAboutYou()
    if inspection.state not in (InspectionState.TOLD, InspectionState.ACKNOWLEDGED):
        return NothingToAnswer(state=inspection.get_state_display())
    marks = queries.marks_of(inspection)
    if any(mark.state not in (MarkState.OVERTURNED, MarkState.WITHDRAWN) for mark in marks):
        return AppealTheMark()
    if marks:  # all fell: the scores may follow, whenever that was
        return None
    due_at = inspection.appeal_due_at
    return AppealTooLate() if due_at is None or due_at <= clock.now() else None
