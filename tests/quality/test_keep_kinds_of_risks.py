"""Kinds of hidden risks are a list of the house: added, named in two languages, ordered, retired, never deleted."""

from importlib import import_module
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from django.utils import translation

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.quality import presets
from onepoint.quality.hidden_risk_forms import QuickRiskForm, RiskFilterForm
from onepoint.quality.models import HiddenRisk, RiskKind
from onepoint.quality.queries.hidden_risks import RiskFilter, count_risks
from onepoint.quality.services import hidden_risks as risks
from onepoint.quality.services import risk_kinds as services
from onepoint.quality.services.hidden_risks import NewRisk

LIST = "/hidden-risks/kinds/"


@pytest.fixture(autouse=True)
def kinds(db: None) -> None:
    services.load_risk_kinds(by=None)


def kind(code: str) -> RiskKind:
    return RiskKind.objects.get(code=code)


def raised(by: User, code: str = "network") -> HiddenRisk:
    return risks.raise_risk(NewRisk(request_key=uuid4(), kind=code, title="井盖破损", words="雨天断网"), by=by)


def test_every_house_has_the_kinds_there_were_before_they_were_a_list() -> None:
    migration = import_module("onepoint.quality.migrations.0007_kinds_of_hidden_risks")
    assert migration.KINDS == presets.RISK_KINDS
    assert list(RiskKind.objects.values_list("code", "name", "name_en")) == list(presets.RISK_KINDS)
    services.load_risk_kinds(by=None)
    assert RiskKind.objects.count() == len(presets.RISK_KINDS)


def test_a_kind_added_on_the_page_is_chosen_and_counted(cast: Cast, client_of) -> None:
    admin = client_of(cast.admin)
    sent = {"code": "tower", "name": "铁塔", "name_en": "Tower", "position_order": "5"}
    assert admin.post(LIST, sent).status_code == 302
    assert 'value="tower"' in client_of(cast.agent).get("/hidden-risks/new/").content.decode()
    raised(cast.agent, "tower")
    (line,) = count_risks("kind", RiskFilter(state="all"), visible_to=cast.agent)
    assert (line["kind_id"], line["kind__name"], line["raised"]) == ("tower", "铁塔", 1)
    counts = client_of(cast.agent).get("/hidden-risks/counts/?by=kind").content.decode()
    assert "铁塔</a>" in counts
    entry = AuditEntry.objects.get(verb="risk_kind.created", subject_id=kind("tower").pk)
    assert (entry.actor_id, entry.data["name"]) == (cast.admin.pk, "铁塔")


def test_kinds_are_named_in_two_languages_and_stand_in_their_order() -> None:
    services.change_risk_kind(kind("other"), name="杂项", name_en="Odds", position_order=1, by=None)
    assert QuickRiskForm().fields["kind"].choices[0] == ("other", "杂项")
    with translation.override("en"):
        assert QuickRiskForm().fields["kind"].choices[0] == ("other", "Odds")
    entry = AuditEntry.objects.filter(verb="risk_kind.changed").latest("pk")
    assert entry.data["changes"] == {
        "name": ["其他", "杂项"], "name_en": ["Something else", "Odds"], "position_order": [80, 1],
    }  # fmt: skip


def test_what_is_out_of_use_is_raised_no_more_and_stays_with_the_risks_that_have_it(cast: Cast, client_of) -> None:
    risk = raised(cast.agent)
    services.change_risk_kind(kind("network"), is_active=False, by=None)
    assert "network" not in dict(QuickRiskForm().fields["kind"].choices)
    assert "network" in dict(RiskFilterForm().fields["kind"].choices)
    with pytest.raises(InvalidInput):
        raised(cast.agent)
    client = client_of(cast.agent)
    assert "网络与设备" in client.get(f"/hidden-risks/{risk.number}/").content.decode()
    assert risk.number in client.get("/hidden-risks/?kind=network").content.decode()
    assert risk.number not in client.get("/hidden-risks/?kind=other").content.decode()


def test_the_last_one_stays_in_use() -> None:
    RiskKind.objects.exclude(code="other").update(is_active=False)
    with pytest.raises(InvalidInput):
        services.change_risk_kind(kind("other"), is_active=False, by=None)
    services.change_risk_kind(kind("other"), name="杂项", is_active=True, by=None)


def test_one_in_use_cannot_be_deleted(cast: Cast) -> None:
    raised(cast.agent)
    with pytest.raises(ProtectedError), transaction.atomic():
        kind("network").delete()


@pytest.mark.parametrize(
    "values",
    [{"code": "network", "name": "又一个"}, {"code": "a b", "name": "空格"}, {"code": "x", "name": " "}, {"code": "x", "name": "长" * 81}],
)  # fmt: skip
def test_what_cannot_be_a_kind_is_refused_and_nothing_typed_is_lost(cast: Cast, client_of, values) -> None:
    with pytest.raises(InvalidInput):
        services.create_risk_kind(**values, by=None)
    answer = client_of(cast.admin).post(LIST, {**values, "name_en": "Typed", "position_order": "3"})
    assert answer.status_code == 422
    assert 'value="Typed"' in answer.content.decode()


def test_only_who_keeps_them_may(cast: Cast, client_of) -> None:
    with pytest.raises(NotPermitted):
        services.create_risk_kind(code="x", name="甲", by=cast.agent)
    with pytest.raises(NotPermitted):
        services.change_risk_kind(kind("other"), name="甲", by=cast.agent)
    agent: Client = client_of(cast.agent)
    assert agent.get(LIST).status_code == 403
    assert agent.post(f"{LIST}other/", {"name": "甲", "position_order": "1"}).status_code == 403
    assert "/hidden-risks/kinds/" not in agent.get("/hidden-risks/").content.decode()
    assert client_of(cast.admin).get(f"{LIST}nothing/").status_code == 404
