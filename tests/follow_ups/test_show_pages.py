"""The pages of return visits: who sees them, what they cost, and that nothing typed is lost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cast import Cast
from onepoint.core import clock
from onepoint.follow_ups import services
from onepoint.follow_ups.models import FollowUp, Questionnaire, RiskWord, VisitRule, VisitRuleVersion
from tickets.conftest import fresh


@pytest.fixture
def visits(cast: Cast, make_rule: Any, register: Any, close: Any, customer: Any) -> list[FollowUp]:
    make_rule(merges_day=False)
    for _ in range(3):
        close(register(customer=customer, contact_phone="13800138000"))
    services.make_visits(by=None)
    FollowUp.objects.update(due_at=clock.now())
    return list(FollowUp.objects.all())


def test_the_list_costs_the_same_however_many_there_are(cast: Cast, visits, register, close, client_of) -> None:
    browser, counts = client_of(cast.visitor), []
    for more in (0, 2):
        for _ in range(more):
            close(register())
        services.make_visits(by=None)
        FollowUp.objects.update(due_at=clock.now())
        browser.get(reverse("visit-list"))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = browser.get(reverse("visit-list"))
        counts.append(len(captured))
        assert page.content.decode().count("TS20") >= 3 + more
    assert counts[0] == counts[1] <= 10, counts


def test_every_tab_and_the_page_of_a_visit_open(cast: Cast, visits, client_of) -> None:
    browser = client_of(cast.visitor)
    for which in ("due", "mine", "waiting", "answered", "unsatisfied", "over", "nonsense"):
        assert browser.get(reverse("visit-list"), {"which": which, "q": "TS", "way": "phone"}).status_code == 200
    page = browser.get(visits[0].get_absolute_url()).content.decode()
    assert "您反映的问题解决了吗" in page
    assert client_of(cast.outsider).get(visits[0].get_absolute_url()).status_code in (403, 404)


def test_panels_show_the_visits_of_a_ticket_and_of_a_customer(cast: Cast, visits, customer, client_of) -> None:
    browser = client_of(cast.visitor)
    assert "第 1 次关闭" in browser.get(reverse("visits-of-ticket", args=[visits[0].ticket.number])).content.decode()
    panel = browser.get(reverse("visits-of-customer", args=[customer.number]), headers={"HX-Request": "true"})
    assert visits[0].ticket.number in panel.content.decode()


def test_an_answer_that_is_refused_keeps_what_was_typed(cast: Cast, visits, client_of) -> None:
    visit = services.claim_next(by=fresh(cast.visitor)) or visits[0]
    FollowUp.objects.filter(pk=visit.pk).update(assignee=cast.visitor)
    refused = client_of(cast.visitor).post(reverse("visit-answer", args=[visit.pk]), {"q5": "很久以前的话"})
    assert refused.status_code == 422
    assert "很久以前的话" in refused.content.decode()


def test_a_rule_is_made_changed_and_switched_off_on_its_screen(
    cast: Cast, questionnaire: Questionnaire, client_of
) -> None:
    admin = client_of(cast.admin)
    typed = {
        "name": "重要客户", "rank": 5, "endings": ["closed"], "kinds": ["complaint"], "share": 50, "way1": "sms",
        "way2": "phone", "first_after_hours": 1, "quiet_from": "20:00", "quiet_until": "09:00", "most_attempts": 2,
        "gap_hours": 3, "valid_days": 5, "questionnaire": questionnaire.pk,
    }  # fmt: skip
    assert admin.post(reverse("visit-rule-create"), typed | {"way2": "sms"}).status_code == 422
    assert admin.post(reverse("visit-rule-create"), typed).status_code == 302
    rule = VisitRule.objects.get(name="重要客户")
    version = VisitRuleVersion.objects.get(rule=rule)
    assert (version.ways, version.share, version.kinds) == (["sms", "phone"], 50, ["complaint"])
    page = reverse("visit-rule-detail", args=[rule.pk])
    assert admin.post(page, typed | {"share": 80, "number": 1}).status_code == 302
    assert admin.post(page, typed | {"share": 90, "number": 1}).status_code in (409, 302)
    assert VisitRuleVersion.objects.filter(rule=rule).count() == 2
    admin.post(reverse("visit-rule-switch", args=[rule.pk]), {"off": "1"})
    assert not VisitRuleVersion.objects.filter(rule=rule, in_force_until=None).exists()
    admin.post(reverse("visit-rule-switch", args=[rule.pk]), {"on": "1"})
    assert VisitRuleVersion.objects.get(rule=rule, in_force_until=None).share == 80


def test_a_questionnaire_is_drafted_looked_at_and_published(
    cast: Cast, questionnaire: Questionnaire, client_of
) -> None:
    admin = client_of(cast.admin)
    page = reverse("questionnaire-detail", args=["complaint_visit"])
    typed = {
        "opening": "您好", "lock_version": 0, "q-TOTAL_FORMS": 2, "q-INITIAL_FORMS": 0, "q-0-label": "满意吗？",
        "q-0-type": "choice", "q-0-is_required": "on", "q-0-answers": "满意 | Yes\n!不满意 | No", "q-1-label": "",
        "q-1-type": "scale",
    }  # fmt: skip
    wrong = admin.post(page, typed | {"q-0-answers": "满意\n很满意"})
    assert wrong.status_code == 422
    assert admin.post(page, typed).status_code == 302
    draft = questionnaire.versions.get(number=2)
    assert draft.schema["questions"][0]["options"][1] == {
        "value": "2",
        "label": "不满意",
        "label_en": "No",
        "is_bad": True,
    }
    assert "满意吗？" in admin.get(reverse("questionnaire-preview", args=["complaint_visit"])).content.decode()
    assert admin.post(page, typed | {"lock_version": 7, "q-INITIAL_FORMS": 1}).status_code in (409, 302)
    assert admin.post(reverse("questionnaire-publish", args=["complaint_visit"])).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "published"
    assert questionnaire.versions.get(number=1).schema["questions"][0]["label"] != "满意吗？"


def test_risk_words_are_added_and_switched(cast: Cast, questionnaire: Questionnaire, client_of) -> None:
    admin, page = client_of(cast.admin), reverse("risk-word-list")
    assert admin.post(page, {"word": "集体投诉"}).status_code == 302
    assert admin.post(page, {"word": "集体投诉"}).status_code == 422
    word = RiskWord.objects.get(word="集体投诉")
    admin.post(reverse("risk-word-switch", args=[word.pk]), {"off": "1"})
    word.refresh_from_db()
    assert word.is_active is False
    assert client_of(cast.agent).get(page).status_code == 403
