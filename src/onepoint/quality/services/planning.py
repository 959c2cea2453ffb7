"""Writes of sampling plans; draws keep the rules they were made by."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import Role, User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.quality import inspection_rights as rights
from onepoint.quality.inspection_states import Assigning, CardAbout, Method, PlanFrequency, SizeRule, Stratum
from onepoint.quality.models import SamplingPlan, Scorecard
from onepoint.quality.queries.scorecards import published_of
from onepoint.quality.risks import all_risks
from onepoint.quality.services.drawing import MOST_DRAWN

LARGEST_WEIGHT = 100


@dataclass(frozen=True)
class PlanItems:
    """What a plan says; empty lists ask for nothing."""

    scorecard: Scorecard
    name: str
    name_en: str = ""
    kinds: Sequence[str] = ()
    channels: Sequence[str] = ()
    category_ids: Sequence[int] = ()
    unit_ids: Sequence[int] = ()
    method: str = Method.RANDOM
    stratum: str = ""
    size: int = 10
    size_rule: str = SizeRule.TOTAL
    weights: Mapping[str, int] = field(default_factory=dict)
    double_share: int = 0
    tolerance: int = 10
    frequency: str = PlanFrequency.ONCE
    assigning: str = Assigning.CLAIM
    inspector_ids: Sequence[int] = ()
    role: Role | None = None
    bans_own_unit: bool = True
    seed: str = ""

    def checked(self) -> dict[str, Any]:
        """The values of a plan. Raises InvalidInput."""
        errors: dict[str, str] = {}
        if not clean(self.name):
            errors["name"] = _("Please give it a name.")
        if published_of(self.scorecard) is None:
            errors["scorecard"] = _("This score card has not been published yet.")
        if self.method == Method.STRATIFIED and self.stratum not in Stratum.values:
            errors["stratum"] = _("Say what the strata are.")
        errors |= self._errors_of_method() | self._errors_of_numbers()
        if errors:
            raise InvalidInput(errors)
        skipped = {"scorecard", "role", "name", "name_en", "seed", "weights"}
        values = {name: value for name, value in asdict(self).items() if name not in skipped}
        values |= {name: list(value) for name, value in values.items() if isinstance(value, tuple | list)}
        is_risk, is_stratified = self.method == Method.RISK, self.method == Method.STRATIFIED
        return values | {
            "scorecard": self.scorecard, "role": self.role, "name": clean(self.name)[:80],
            "name_en": clean(self.name_en)[:120], "stratum": self.stratum if is_stratified else "",
            "weights": {code: int(weight) for code, weight in self.weights.items() if weight} if is_risk else {},
        }  # fmt: skip

    def _errors_of_method(self) -> dict[str, str]:
        if self.method != Method.RISK:
            is_each = self.size_rule == SizeRule.EACH and self.method != Method.STRATIFIED
            return {"size_rule": _("Only a stratified draw takes so many of each stratum.")} if is_each else {}
        known = {risk.code for risk in all_risks()}
        if self.scorecard.about == CardAbout.CONTACT:
            return {"method": _("Risks are known of tickets; conversations are drawn at random or by strata.")}
        if self.size_rule == SizeRule.EACH:
            return {"size_rule": _("Only a stratified draw takes so many of each stratum.")}
        if not set(self.weights) <= known or not all(0 <= int(one) <= LARGEST_WEIGHT for one in self.weights.values()):
            return {"weights": _("A weight lies between 0 and 100.")}
        return {} if any(self.weights.values()) else {"weights": _("Give at least one risk a weight.")}

    def _errors_of_numbers(self) -> dict[str, str]:
        errors: dict[str, str] = {}
        most = 100 if self.size_rule == SizeRule.PERCENT else MOST_DRAWN
        if not 1 <= self.size <= most:
            errors["size"] = _("The size lies between 1 and %(most)s.") % {"most": most}
        if not 0 <= self.double_share <= 100:
            errors["double_share"] = _("A share lies between 0 and 100.")
        if not 0 <= self.tolerance <= 100:
            errors["tolerance"] = _("A tolerance lies between 0 and 100.")
        return errors


def _record(verb: str, plan: SamplingPlan, by: User | None) -> None:
    audit.record(
        f"sampling_plan.{verb}", by=by, subject_type="sampling_plan", subject_id=plan.pk, name=plan.name, name_en=plan.name_en
    )  # fmt: skip


@transaction.atomic
def create_plan(items: PlanItems, *, by: User | None) -> SamplingPlan:
    """A plan that draws from now on. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_plan(by))
    values = items.checked()
    seed = clean(items.seed)[:32] or secrets.token_hex(8)
    made = SamplingPlan.objects.create(**values, seed=seed, starts_at=clock.now(), made_by=by)
    _record("created", made, by)
    return made


@transaction.atomic
def change_plan(plan: SamplingPlan, items: PlanItems, *, lock_version: int, by: User | None) -> SamplingPlan:
    """Let it draw otherwise from now on; what was drawn stays. The seed never changes. Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(rights.why_not_plan(by))
    values = items.checked()
    rows = SamplingPlan.objects.filter(pk=plan.pk, lock_version=lock_version)
    if not rows.update(**values, lock_version=lock_version + 1):
        raise SomebodyWasFaster
    plan.refresh_from_db()
    _record("changed", plan, by)
    return plan


@transaction.atomic
def switch_plan(plan: SamplingPlan, *, is_active: bool, by: User | None) -> None:
    """Let it draw by itself again, from the present period on, or no more. Raises NotPermitted."""
    require(rights.why_not_plan(by))
    values: dict[str, Any] = {"is_active": is_active} | ({"starts_at": clock.now()} if is_active else {})
    if SamplingPlan.objects.filter(pk=plan.pk, is_active=not is_active).update(**values):
        _record("switched_on" if is_active else "switched_off", plan, by)
