"""The screen of the rules of reminders."""

from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.workflow import services
from onepoint.workflow.models import ReminderRule
from onepoint.workflow.services.reminder_rules import RuleItems
from onepoint.workflow.urging.rules import rule_for

TYPED = {
    "process_key": "", "kind": "", "severity": "", "unit": "", "after_hours": "1.5", "every_hours": "2", "times": "3",
    "remind_to": "handler", "remind_ways": ["app", "sms"], "escalate_hours": "8", "escalate_to": "superior",
    "escalate_ways": ["email"], "deeds": ["hand_over"], "pause_minutes": "20", "answer_minutes": "60",
    "escalate_count": "2", "is_active": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def rights(cast: Cast) -> None:
    role = Role.objects.get(code="admin")
    role.permissions += ["reminder_rule.view", "reminder_rule.change"]
    role.save()


def test_an_administrator_writes_changes_and_deletes_a_rule_in_hours(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.admin)
    assert client.post("/reminder-rules/new/", TYPED).status_code == 302
    rule = ReminderRule.objects.get()
    assert (rule.after, rule.every, rule.escalate_after, rule.deeds) == ("PT90M", "PT120M", "PT480M", ["hand_over"])
    assert rule_for("any", {}, None) == rule
    shown = client.get(f"/reminder-rules/{rule.pk}/").content.decode()
    assert 'value="1.5"' in shown
    assert client.get("/reminder-rules/").status_code == 200
    assert client.post(f"/reminder-rules/{rule.pk}/", {**TYPED, "after_hours": ""}).status_code == 302
    assert ReminderRule.objects.get().after == ""
    assert client.post("/reminder-rules/new/", TYPED).status_code == 422
    assert client.post(f"/reminder-rules/{rule.pk}/delete/").status_code == 302
    assert rule_for("any", {}, None).pk is None
    verbs = AuditEntry.objects.filter(subject_type="reminder_rule").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["reminder_rule.saved", "reminder_rule.saved", "reminder_rule.deleted"]


def test_without_the_right_nobody_sees_or_changes_them(cast: Cast, client_of: Any) -> None:
    assert client_of(cast.agent).get("/reminder-rules/").status_code == 403
    with pytest.raises(NotPermitted):
        services.save_reminder_rule(None, RuleItems(), by=cast.agent)
    with pytest.raises(InvalidInput) as refusal:
        services.save_reminder_rule(None, RuleItems(after="soon", deeds=("dance",)), by=cast.admin)
    assert set(refusal.value.errors) == {"after", "deeds"}
