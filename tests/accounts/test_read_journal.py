from datetime import UTC, datetime, time

import pytest
from django.utils import translation

from onepoint.accounts import services
from onepoint.accounts.models import Role
from onepoint.accounts.queries.journal import details_of
from onepoint.core import audit, clock
from onepoint.core.timeline import subject_pages
from onepoint.customers import services as customer_services
from onepoint.dynamic_forms.models import FormDefinition
from onepoint.notifications import services as notification_services


def verbs(response):
    return [line["entry"].verb for line in response.context["lines"]]


@pytest.fixture
def history(cast):
    with clock.at(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)):  # 23:59 on 1 March in Shanghai
        services.change_unit(cast.network, name="网络运维部", by=cast.admin)
    with clock.at(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)):
        services.change_own_profile(cast.outsider, phone="0571-1", by=cast.outsider)
    with clock.at(datetime(2026, 3, 5, tzinfo=UTC)):
        services.create_group(code="crisis", name="危机处理组", by=None)


def test_the_newest_stands_first_with_what_changed(cast, client_of, history):
    response = client_of(cast.admin).get("/audit/")
    assert verbs(response) == ["group.created", "person.changed", "unit.changed"]
    line = response.context["lines"][2]
    assert line["subject"].url == "/units/east-network/"
    assert line["details"][-1].endswith("东市网络部 → 网络运维部")


def test_the_journal_is_narrowed_by_person_verb_and_days(cast, client_of, history):
    client = client_of(cast.admin)
    assert verbs(client.get("/audit/", {"person": "outsider"})) == ["person.changed"]
    assert verbs(client.get("/audit/", {"person": "马管理"})) == ["unit.changed"]
    assert verbs(client.get("/audit/", {"verb": "group.created"})) == ["group.created"]
    assert verbs(client.get("/audit/", {"until": "2026-03-01"})) == ["unit.changed"]
    assert verbs(client.get("/audit/", {"since": "2026-03-02", "until": "2026-03-02"})) == ["person.changed"]


def test_a_reader_of_a_region_sees_what_its_people_did(cast, client_of, history):
    services.change_own_profile(cast.agent, phone="1", by=cast.agent)
    response = client_of(cast.supervisor).get("/audit/")
    assert [line["entry"].actor_id for line in response.context["lines"]] == [cast.agent.pk]


def test_the_journal_costs_a_fixed_number_of_queries(cast, client_of, history, django_assert_num_queries):
    client = client_of(cast.admin)
    for number in range(5):
        services.create_unit(code=f"n{number}", name="新", parent=cast.network, region=cast.east, by=cast.admin)
    client.get("/audit/")
    with django_assert_num_queries(5):
        client.get("/audit/")


def test_passwords_never_stand_in_the_journal(cast, client_of):
    services.create_person(username="E1", name="新人", unit=cast.network, password="Secret-Pass-1", by=cast.admin)
    assert "Secret-Pass-1" not in client_of(cast.admin).get("/audit/").content.decode()


def test_bad_filters_are_no_error(cast, client_of, history):
    response = client_of(cast.admin).get("/audit/", {"since": "yesterday", "verb": "x", "person": "\x00"})
    assert response.status_code == 200


def test_what_other_capabilities_wrote_is_named_by_the_number_people_know(cast, client_of):
    customer = customer_services.create_customer(name="王小明", region=cast.east, by=cast.agent)
    response = client_of(cast.admin).get("/audit/")
    assert f"客户 {customer.number}" in [line["subject"].label for line in response.context["lines"]]
    assert "customer " not in "".join(line["subject"].label for line in response.context["lines"])


def test_a_subject_is_a_link_for_those_who_may_open_its_page(cast, client_of):
    customer = customer_services.create_customer(name="王小明", region=cast.east, by=cast.agent)
    urls = {
        line["subject"].label: line["subject"].url for line in client_of(cast.admin).get("/audit/").context["lines"]
    }
    assert urls[f"客户 {customer.number}"] == f"/customers/{customer.number}/"
    assert subject_pages("customer", [customer.pk], visible_to=cast.outsider) == {}


def test_a_page_of_settings_is_a_link_for_those_who_may_change_them(cast):
    form = FormDefinition.objects.create(key="modem", name="光猫", created_at=clock.now())
    assert subject_pages("form", [form.pk], visible_to=cast.admin) == {form.pk: f"/forms/{form.key}/"}
    assert subject_pages("form", [form.pk], visible_to=cast.agent) == {}


def test_a_language_is_called_by_its_name(cast, client_of):
    services.change_own_profile(cast.agent, language="en", by=cast.agent)
    line = client_of(cast.admin).get("/audit/").context["lines"][0]
    assert line["details"][-1].endswith("简体中文 → 英文")


def test_a_change_of_a_table_is_told_by_its_entries_in_words(cast, client_of):
    role = Role.objects.get(code="agent")
    chosen = {"tickets": ["app", "email"]}
    notification_services.change_role_default(role, choices=chosen, mandatory={}, by=None)
    changed = {"urging": ["app"]}
    notification_services.change_role_default(role, choices=chosen | changed, mandatory=changed, by=None)
    page = client_of(cast.admin).get("/audit/")
    last, first = page.context["lines"][:2]
    assert first["details"] == ["通知方式 · 我的工单: — → 系统内, 电子邮件"]
    assert last["details"] == ["通知方式 · 催办与升级: — → 系统内", "必选通知方式 · 催办与升级: — → 系统内"]
    assert ">必选通知方式 · 催办与升级: — → 系统内</div>" in page.content.decode()
    assert "{" not in "".join([*first["details"], *last["details"]])
    with translation.override("en"):
        assert details_of(last["entry"])[1].startswith("Always told by · ")


def test_the_rules_of_the_house_for_notifications_are_told_too(cast, client_of):
    values = {"digest": "daily", "quiet_from": time(22), "quiet_to": time(7), "quiet_days": [6, 7]}
    notification_services.change_notification_policy(choices={}, mandatory={"urging": ["app"]}, by=None, **values)
    details = client_of(cast.admin).get("/audit/").context["lines"][0]["details"]
    assert "免打扰开始: — → 22:00" in details
    assert any(one.endswith("星期六, 星期日") for one in details)
    assert any(one.endswith("→ 每天汇总发送一次") for one in details)


def test_what_nobody_named_is_shown_as_it_is_without_braces(cast, client_of):
    audit.record(
        "unit.changed", by=cast.admin, subject_type="unit", subject_id=cast.network.pk,
        changes={"shape": [None, {"inner": {"deep": 1}, "same": 2}]}, extra={"k": [1, 2]},
    )  # fmt: skip
    line = client_of(cast.admin).get("/audit/").context["lines"][0]
    assert line["details"] == ["extra: k: 1, 2", "shape · same: — → 2", "shape · inner: — → deep: 1"]
