"""Writes of the rules of return visits: whatever is changed is a new version, in force from that moment."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import time
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.follow_ups import policies
from onepoint.follow_ups.models import Questionnaire, QuestionnaireVersion, VisitRule, VisitRuleVersion
from onepoint.follow_ups.services.making import LOCK
from onepoint.follow_ups.states import RULED_WAYS, Ending, VersionState


@dataclass(frozen=True)
class RuleItems:
    """What one version of a rule says; empty lists ask for nothing."""

    questionnaire: Questionnaire
    rank: int = 10
    endings: Sequence[str] = (Ending.CLOSED,)
    kinds: Sequence[str] = ()
    category_ids: Sequence[int] = ()
    severity_ids: Sequence[int] = ()
    level_ids: Sequence[int] = ()
    unit_ids: Sequence[int] = ()
    share: int = 100
    ways: Sequence[str] = ("phone", "sms")
    first_after_hours: int = 24
    quiet_from: time = time(20)
    quiet_until: time = time(9)
    most_attempts: int = 3
    gap_hours: int = 4
    valid_days: int = 7
    merges_day: bool = True

    def checked(self) -> dict[str, Any]:
        """The values of a version. Raises InvalidInput."""
        errors = {}
        if not self.ways or len(set(self.ways)) != len(self.ways) or not set(self.ways) <= set(RULED_WAYS):
            errors["ways"] = _("Choose at least one way, each only once.")
        if not self.endings:
            errors["endings"] = _("Choose at least one.")
        if not 0 <= self.share <= 100:
            errors["share"] = _("A share lies between 0 and 100.")
        published = QuestionnaireVersion.objects.filter(questionnaire=self.questionnaire, state=VersionState.PUBLISHED)
        if not published.exists():
            errors["questionnaire"] = _("This questionnaire has not been published yet.")
        if not (1 <= self.most_attempts <= 20 and 1 <= self.valid_days <= 60 and 0 <= self.first_after_hours <= 720):
            errors["first_after_hours"] = _("Please give sensible numbers of hours, days and attempts.")
        if errors:
            raise InvalidInput(errors)
        values = {name: getattr(self, name) for name in asdict(self) if name != "questionnaire"}
        lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple | list)}
        return values | lists | {"questionnaire": self.questionnaire}


def _lock() -> None:
    """Nobody makes visits while a rule changes; the moment of the change is taken afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


@transaction.atomic
def create_rule(*, name: str, name_en: str = "", items: RuleItems, by: User | None) -> VisitRule:
    """A rule for the tickets that are closed from now on. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage(by))
    values = items.checked()
    if not clean(name):
        raise InvalidInput({"name": _("Please give it a name.")})
    _lock()
    rule = VisitRule.objects.create(name=clean(name)[:80], name_en=clean(name_en)[:120], seed=secrets.token_hex(8))
    VisitRuleVersion.objects.create(rule=rule, number=1, in_force_from=clock.now(), made_by=by, **values)
    audit.record(
        "visit_rule.created", by=by, subject_type="visit_rule", subject_id=rule.pk, name=rule.name, name_en=rule.name_en
    )
    return rule


@transaction.atomic
def change_rule(
    rule: VisitRule, *, name: str, name_en: str, items: RuleItems, number: int, by: User | None
) -> VisitRuleVersion:
    """Let it say something else from now on; ``number`` is the version that was read. Raises as create_rule, SomebodyWasFaster."""
    require(policies.why_not_manage(by))
    values = items.checked()
    if not clean(name):
        raise InvalidInput({"name": _("Please give it a name.")})
    _lock()
    now = clock.now()
    rule = VisitRule.objects.select_for_update().get(pk=rule.pk)
    newest = VisitRuleVersion.objects.filter(rule=rule).order_by("-number")[0]
    if newest.number != number:
        raise SomebodyWasFaster
    VisitRule.objects.filter(pk=rule.pk).update(name=clean(name)[:80], name_en=clean(name_en)[:120])
    VisitRuleVersion.objects.filter(rule=rule, in_force_until=None).update(in_force_until=now)
    ended = None if rule.is_active else now
    made = VisitRuleVersion.objects.create(
        rule=rule, number=number + 1, in_force_from=now, in_force_until=ended, made_by=by, **values
    )
    audit.record(
        "visit_rule.changed",
        by=by,
        subject_type="visit_rule",
        subject_id=rule.pk,
        name=clean(name),
        version=made.number,
    )
    return made


@transaction.atomic
def switch_rule(rule: VisitRule, *, is_active: bool, by: User | None) -> None:
    """Let the rule hold again, as it was, or no more. Raises NotPermitted."""
    require(policies.why_not_manage(by))
    _lock()
    now = clock.now()
    if not VisitRule.objects.filter(pk=rule.pk, is_active=not is_active).update(is_active=is_active):
        return
    if is_active:
        newest = VisitRuleVersion.objects.filter(rule=rule).order_by("-number")[0]
        newest.pk, newest.number, newest.in_force_from, newest.in_force_until = None, newest.number + 1, now, None
        newest.made_by = by
        newest.save(force_insert=True)
    else:
        VisitRuleVersion.objects.filter(rule=rule, in_force_until=None).update(in_force_until=now)
    verb = "switched_on" if is_active else "switched_off"
    audit.record(
        f"visit_rule.{verb}", by=by, subject_type="visit_rule", subject_id=rule.pk, name=rule.name, name_en=rule.name_en
    )
