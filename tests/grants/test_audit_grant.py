"""The central audit queue."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cast import Cast
from exported import file_of, is_offered, let_export
from grants.conftest import allow
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.grants import policies, queries, services
from onepoint.grants.models import AuditItem, AuditRule, Grant, GrantKind, ObjectionCode
from onepoint.grants.queries import AuditFilter
from onepoint.grants.services.auditing import why_audited
from onepoint.notifications.models import Notification
from onepoint.sla.moments import fire_due


def test_without_a_rule_every_grant_that_holds_enters_the_queue(give: Callable[..., Grant]) -> None:
    held, _waits = give(30), give(120)
    assert [item.grant for item in AuditItem.objects.all()] == [held]


def test_a_sample_is_drawn_by_share_and_can_be_drawn_again() -> None:
    rule = AuditRule(share=30, always_above=Decimal(200), seed="2026")
    grants = [Grant(key=UUID(int=number), amount=Decimal(10)) for number in range(2000)]
    drawn = [grant.key for grant in grants if why_audited(rule, grant) == "sample"]
    assert drawn == [grant.key for grant in grants if why_audited(rule, grant)]
    assert 500 < len(drawn) < 700
    assert why_audited(rule, Grant(key=UUID(int=1), amount=Decimal(200))) == "amount"
    assert why_audited(AuditRule(share=0), grants[0]) == ""


def test_the_rule_of_the_kind_counts_before_the_general_one(
    give: Callable[..., Grant], compensation: GrantKind
) -> None:
    services.create_audit_rule(kind=None, share=100, by=None)
    services.create_audit_rule(kind=compensation, share=0, always_above=Decimal(40), by=None)
    give(30)
    assert not AuditItem.objects.exists()
    give(40)
    assert AuditItem.objects.get().why == "amount"


def test_an_auditor_takes_a_grant_and_passes_it(give: Callable[..., Grant], auditor: User) -> None:
    grant = give(30)
    item = services.claim_audit(grant.audit, by=auditor)
    item = services.pass_audit(item, words="合规", by=auditor)
    item.refresh_from_db()
    assert (item.state, item.auditor, item.words, item.judged_at) == ("passed", auditor, "合规", item.closed_at)
    assert AuditEntry.objects.filter(verb="grant.audit_passed", subject_type="grant").count() == 1


def test_an_audit_somebody_has_is_judged_by_him_alone(give: Callable[..., Grant], auditor: User, staff: Cast) -> None:
    services.create_audit_rule(kind=None, share=100, not_own_unit=False, by=None)
    item = services.claim_audit(give(30).audit, by=auditor)
    with pytest.raises(policies.AuditStateForbids):
        services.claim_audit(item, by=staff.supervisor)
    with pytest.raises(policies.AuditedByAnother):
        services.pass_audit(item, by=staff.supervisor)
    services.release_audit(item, by=auditor)
    assert services.claim_audit(item, by=staff.supervisor).auditor == staff.supervisor


def test_nobody_audits_grants_of_his_own_unit_where_the_rule_forbids_it(
    give: Callable[..., Grant], staff: Cast
) -> None:
    """The supervisor belongs to the call centre, as the agent does."""
    item = give(30).audit
    with pytest.raises(policies.OwnUnitsGrant):
        services.claim_audit(item, by=staff.supervisor)
    assert list(queries.find_audits(AuditFilter(), visible_to=staff.supervisor)) == []
    services.create_audit_rule(kind=None, share=100, not_own_unit=False, by=None)
    allowed = give(30).audit
    assert list(queries.find_audits(AuditFilter(), visible_to=staff.supervisor)) == [allowed]
    assert services.claim_audit(allowed, by=staff.supervisor).state == "claimed"


def test_nobody_audits_what_he_granted_or_approved(give: Callable[..., Grant], staff: Cast) -> None:
    services.create_audit_rule(kind=None, share=100, not_own_unit=False, by=None)
    allow("agent", "grant.audit")
    allow("coordinator", "grant.audit")
    own = give(30)
    approved = services.approve_grant(give(120), by=staff.coordinator)
    for grant, person in ((own, staff.agent), (approved, staff.coordinator)):
        with pytest.raises(policies.OwnGrant):
            services.claim_audit(AuditItem.objects.get(grant=grant), by=User.objects.get(pk=person.pk))


def test_auditing_needs_its_permission_in_the_grants_place(give: Callable[..., Grant], staff: Cast) -> None:
    allow("agent", "grant.audit")
    item = give(30).audit
    with pytest.raises(NotPermitted):
        services.claim_audit(item, by=User.objects.get(pk=staff.outsider.pk))
    with pytest.raises(NotPermitted):
        services.claim_audit(item, by=staff.handler)


@pytest.fixture
def objected(give: Callable[..., Grant], auditor: User, wrong_amount: ObjectionCode) -> AuditItem:
    item = services.claim_audit(give(30).audit, by=auditor)
    return services.object_to_grant(item, code=wrong_amount, words="超出标准", hours=8, by=auditor)


def test_an_objection_goes_back_to_the_giver_with_a_limit(objected: AuditItem, staff: Cast) -> None:
    assert (objected.state, objected.words) == ("objected", "超出标准")
    assert list(queries.corrections_owed(staff.agent)) == [objected]
    assert Notification.objects.filter(event="grant.objected", person=staff.agent).count() == 1


def test_the_correction_is_answered_accepted_or_demanded_again(objected: AuditItem, auditor: User, staff: Cast) -> None:
    with pytest.raises(policies.NotYourCorrection):
        services.answer_objection(objected, text="已退回", by=staff.second_agent)
    services.answer_objection(objected, text="已退回差额", by=staff.agent)
    services.demand_again(objected, words="请附凭证", hours=4, by=auditor)
    services.answer_objection(objected, text="凭证已附", by=staff.agent)
    item = services.accept_correction(objected, by=auditor)
    item.refresh_from_db()
    assert (item.state, item.correction) == ("closed", "凭证已附")
    assert list(queries.corrections_owed(staff.agent)) == []
    with pytest.raises(policies.AuditStateForbids):
        services.answer_objection(item, text="再来", by=staff.agent)


def test_an_overdue_correction_is_told_to_both_once(objected: AuditItem, auditor: User, staff: Cast) -> None:
    assert objected.correction_due_at is not None
    later = objected.correction_due_at + timedelta(minutes=1)
    with clock.at(later):
        fire_due(later)
        fire_due(later)
    told = Notification.objects.filter(event="grant.correction_late").values_list("person", flat=True)
    assert sorted(told) == sorted([staff.agent.pk, auditor.pk])


def test_an_answered_correction_is_not_reminded_of(objected: AuditItem, staff: Cast) -> None:
    services.answer_objection(objected, text="已退回", by=staff.agent)
    assert objected.correction_due_at is not None
    later = objected.correction_due_at + timedelta(days=1)
    with clock.at(later):
        fire_due(later)
    assert not Notification.objects.filter(event="grant.correction_late").exists()


def test_an_objection_without_limit_is_only_noted(
    give: Callable[..., Grant], auditor: User, wrong_amount: ObjectionCode
) -> None:
    item = services.claim_audit(give(30).audit, by=auditor)
    with pytest.raises(InvalidInput):
        services.object_to_grant(item, code=None, words="", hours=None, by=auditor)
    item = services.object_to_grant(item, code=wrong_amount, words="下不为例", hours=None, by=auditor)
    assert (item.state, item.correction_due_at) == ("closed", None)


def test_statistics_count_grants_audits_objections_and_points(
    objected: AuditItem, give: Callable[..., Grant], auditor: User, staff: Cast
) -> None:
    services.pass_audit(services.claim_audit(give(20).audit, by=auditor), by=auditor)
    today = clock.today()
    (line,) = queries.audit_figures("person", today, today, visible_to=auditor)
    assert (line.label, line.grants, line.amount) == (staff.agent.name, 2, Decimal(50))
    assert (line.audited, line.objected, line.points, line.share_objected) == (2, 1, 3, 50)
    for group in ("unit", "kind"):
        assert len(queries.audit_figures(group, today, today, visible_to=auditor)) == 1
    assert queries.audit_figures("kind", today, today, visible_to=staff.outsider) == []


def test_statistics_are_a_file_for_auditors_only(
    objected: AuditItem, auditor: User, staff: Cast, settings: Any, tmp_path: Path, client_of: Any
) -> None:
    settings.DATA_DIR = tmp_path
    let_export("auditor", "agent")
    (line,) = file_of("grant_figures", auditor, "by=kind")
    assert (line["行"], line["授权单"], line["金额"], line["异议占比（%）"]) == ("补偿", "1", "30.0", "100.0")
    assert line["至"] == f"{clock.today():%Y-%m-%d}"
    assert is_offered(client_of(auditor).get("/grants/audits/figures/").content, "grant_figures")
    with pytest.raises(NotPermitted):
        file_of("grant_figures", staff.agent)
