"""Figures as files: what the page shows, every line of it, with the days it is about, in the asker's scope."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cast import Cast, make_user
from exported import file_of, is_offered, let_export
from onepoint.accounts.models import User
from onepoint.core import clock, exporting
from onepoint.core.errors import NotPermitted
from onepoint.quality import services
from onepoint.quality.models import Mark, Scoring
from onepoint.quality.queries import figures
from onepoint.quality.queries import hidden_risks as risk_queries
from onepoint.quality.services import drawing, inspecting
from onepoint.quality.services import hidden_risks as risks
from onepoint.quality.services.hidden_risks import NewRisk
from onepoint.quality.services.risk_kinds import load_risk_kinds
from onepoint.tickets.models import Category
from quality.conftest import allow
from quality.samples import add_tickets, inspector_of, make_plan, week


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def today() -> str:
    return f"{clock.today():%Y-%m-%d}"


def test_marks_are_added_up_for_the_days_and_the_grouping_of_the_page(
    mark_record: Callable[..., Mark], judges: Cast, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_export("supervisor")
    first, second = mark_record(), mark_record("F03")
    services.withdraw_mark(second, reason="看错了", by=judges.coordinator)
    query = f"by=code&since={today()}"
    monkeypatch.setattr(figures, "MOST_LINES", 0)  # the page is cut, the file is whole
    (line,) = file_of("mark_figures", judges.supervisor, query)
    assert line["行"].startswith("F01 ")
    assert (line["起"], line["至"], line["判定数"], line["扣分"]) == (today(), today(), "1", str(first.points))
    (line,) = file_of("mark_figures", judges.supervisor, "by=direction")
    assert line["行"] == str(first.get_direction_display())
    assert file_of("mark_figures", judges.supervisor, "until=2020-01-01&since=2020-01-01") == []
    assert is_offered(client_of(judges.supervisor).get("/marks/figures/").content, "mark_figures")


def test_inspections_inspectors_and_their_agreement(
    cast: Cast, categories: dict[str, Category], standard: Any, client_of: Any
) -> None:
    let_export("supervisor")
    add_tickets(cast.agent, categories["bl_high"], 5)
    inspectors = [inspector_of(cast, "inspector1"), inspector_of(cast, "inspector2")]
    drawing.draw_plan(make_plan(size=1, double_share=100, tolerance=15), week(), by=None)
    for scoring, person, first in zip(Scoring.objects.order_by("pk"), inspectors, ("5", "4"), strict=True):
        inspecting.claim_scoring(scoring, by=person)
        inspecting.submit_scoring(scoring, answers={"i1": first, "i2": "1", "i3": "0"}, by=person)
    lead = make_user("lead", inspectors[0].unit, ["quality_lead"])  # type: ignore[arg-type]
    let_export("quality_lead")
    (line,) = file_of("inspection_figures", lead, "by=person")
    assert (line["行"], line["质检"], line["平均分"], line["80 分及以上（%）"]) == (cast.agent.name, "1", "94.0", "100")
    assert line["至"] == today()
    lines = file_of("inspector_figures", lead)
    assert [(one["质检员"], one["已评"], one["双评"]) for one in lines] == [(one.label, "1", "1") for one in inspectors]
    lines = file_of("inspector_agreement", lead)
    assert [(one["判定对象"], one["同分比例（%）"]) for one in lines][:2] == [
        ("整表（按档）", "0"),
        ("客户诉求记录", "0"),
    ]
    assert lines[-1]["评分表"] == "质检员两两一致性"
    for page, codes in (
        ("figures", ("inspection_figures", "inspector_figures")),
        ("agreement", ("inspector_agreement",)),
    ):
        content = client_of(lead).get(f"/inspections/{page}/").content
        assert all(is_offered(content, code) for code in codes)


def test_hidden_risks_are_counted_as_on_the_page(cast: Cast, client_of: Any) -> None:
    load_risk_kinds(by=None)
    for role in ("agent", "coordinator"):
        allow(role, "hidden_risk.view", "hidden_risk.raise", "hidden_risk.coordinate")
    let_export("coordinator", "agent")
    agent = User.objects.get(pk=cast.agent.pk)
    risks.raise_risk(NewRisk(request_key=uuid4(), kind="network", title="井盖破损", words="雨天必断网"), by=agent)
    (line,) = file_of("hidden_risk_figures", cast.coordinator, "by=raiser")
    assert (line["行"], line["已上报"], line["未闭环"]) == (agent.name, "1", "1")
    (line,) = file_of("hidden_risk_figures", cast.coordinator)
    assert line["行"] == "尚未指定单位"
    (line,) = file_of("hidden_risk_figures", cast.coordinator, "by=month")
    assert line["行"] == f"{clock.today().year}年{clock.today().month}月"
    assert file_of("hidden_risk_figures", cast.coordinator, "by=kind&state=closed") == []
    assert risk_queries.GROUPINGS.keys() == {"unit", "kind", "month", "raiser"}
    assert is_offered(client_of(cast.coordinator).get("/hidden-risks/counts/").content, "hidden_risk_figures")


@pytest.mark.parametrize(
    "code", ["mark_figures", "inspection_figures", "inspector_figures", "inspector_agreement"]
)  # fmt: skip
def test_who_may_not_see_the_figures_gets_no_file_of_them(cast: Cast, code: str) -> None:
    let_export("agent")
    with pytest.raises(NotPermitted):
        exporting.start_export(code, query="", columns=(), file_format="csv", by=User.objects.get(pk=cast.agent.pk))


def test_another_city_gets_only_its_own_figures(mark_record: Callable[..., Mark], judges: Cast) -> None:
    mark_record()
    allow("coordinator", "mark.view")
    let_export("coordinator", "supervisor")
    assert len(file_of("mark_figures", judges.supervisor)) == 1
    assert file_of("mark_figures", judges.outsider) == []
