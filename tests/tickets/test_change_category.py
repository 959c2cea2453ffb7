"""The category tree and the severity standard."""

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets import queries, services
from onepoint.tickets.models import Category, Severity
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from tickets.conftest import fresh


def items_of(category: Category, **changes) -> CategoryItems:
    return CategoryItems(**{name: getattr(category, name) for name in CategoryItems.__dataclass_fields__} | changes)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("网速", "bb_slow"), ("慢", "bb_slow"), ("wangsu", "bb_slow"), ("wsm", "bb_slow"), ("slow", "bb_slow"), ("SLO", "bb_slow"),
        ("diaoxian", "bb_drops"), ("pfdx", "bb_drops"), ("宽带 掉线", "bb_drops"), ("broadband slow", "bb_slow"), ("bb_dr", "bb_drops"),
    ],
)  # fmt: skip
def test_a_category_is_found_by_chinese_pinyin_initials_english_and_code(categories, typed: str, found: str) -> None:
    assert queries.category_options(typed)[0].category.code == found


def test_own_names_come_before_those_of_branches_above(categories) -> None:
    codes = [option.category.code for option in queries.category_options("宽带")]
    assert codes[0] == "broadband"
    assert set(codes) == {"broadband", "bb_slow", "bb_drops"}


def test_options_carry_the_path_and_respect_the_kind(cast: Cast, categories, client_of) -> None:
    client = client_of(cast.agent)
    results = client.get(reverse("category-options"), {"q": "突增"}).json()["results"]
    assert [(row["value"], row["label"]) for row in results] == [(categories["bl_high"].pk, "计费与账单 / 费用突增")]
    assert client.get(reverse("category-options"), {"q": "突增", "kind": "praise"}).json()["results"] == []


def test_a_category_out_of_use_is_not_offered(categories) -> None:
    services.deactivate_category(categories["broadband"], by=None)
    assert queries.category_options("网速") == []
    assert AuditEntry.objects.filter(verb="category.deactivated").count() == 1


def test_moving_a_branch_takes_its_leaves_along(categories) -> None:
    services.change_category(
        categories["broadband"], items_of(categories["broadband"], parent=categories["billing"]), by=None
    )
    slow = Category.objects.get(code="bb_slow")
    assert slow.ancestor_ids == [categories["billing"].pk, categories["broadband"].pk, slow.pk]
    assert queries.category_options("账单 网速")[0].category == slow
    assert AuditEntry.objects.get(verb="category.changed").data["changes"]["parent"] == [None, "计费与账单"]


def test_renaming_a_branch_changes_what_finds_its_leaves(categories) -> None:
    services.change_category(categories["broadband"], items_of(categories["broadband"], name="固网"), by=None)
    assert {option.category.code for option in queries.category_options("固网")} == {"broadband", "bb_slow", "bb_drops"}
    assert queries.category_options("宽带") == []


def test_a_category_cannot_be_put_below_itself_or_take_a_used_code(categories) -> None:
    with pytest.raises(InvalidInput):
        services.change_category(
            categories["broadband"], items_of(categories["broadband"], parent=categories["bb_slow"]), by=None
        )
    with pytest.raises(InvalidInput):
        services.create_category(CategoryItems(code="bb_slow", name="重复"), by=None)


def test_only_who_manages_categories_changes_them(cast: Cast, categories) -> None:
    agent = fresh(cast.agent)
    for refused in (
        lambda: services.create_category(CategoryItems(code="x", name="x"), by=agent),
        lambda: services.change_category(categories["billing"], items_of(categories["billing"]), by=agent),
        lambda: services.deactivate_category(categories["billing"], by=agent),
        lambda: services.create_severity(SeverityItems("x", 9, "x", "x", 1), by=agent),
        lambda: services.change_severity(Severity.objects.all()[0], SeverityItems("x", 9, "x", "x", 1), by=agent),
    ):
        with pytest.raises(NotPermitted):
            refused()


def test_the_severity_standard_is_changed_and_journaled(cast: Cast, severities) -> None:
    items = SeverityItems("major", 2, "重要", "业务中断", 12, "Major")
    services.change_severity(severities["major"], items, by=fresh(cast.admin))
    assert Severity.objects.get(code="major").answer_hours == 12
    assert AuditEntry.objects.get(verb="severity.changed").data["changes"]["answer_hours"] == [24, 12]
    with pytest.raises(InvalidInput):
        services.create_severity(SeverityItems("major", 2, "重复", "x", 1), by=fresh(cast.admin))


def test_the_pages_create_change_and_take_out_of_use(cast: Cast, categories, complaint_process, client_of) -> None:
    client = client_of(cast.admin)
    assert "频繁掉线" in client.get(reverse("category-list")).content.decode()
    form = {
        "code": "bb_router",
        "name": "路由器问题",
        "parent": categories["broadband"].pk,
        "process_key": "complaint",
        "position_order": 0,
        "is_active": "on",
    }
    assert client.get(reverse("category-create"), {"parent": "broadband"}).status_code == 200
    client.post(reverse("category-create"), form)
    made = Category.objects.get(code="bb_router")
    assert made.parent == categories["broadband"]
    url = reverse("category-detail", args=[made.pk])
    assert "路由器问题" in client.get(url).content.decode()
    assert client.post(url, form | {"name": ""}).status_code == 422
    client.post(url, form | {"name": "路由器故障", "kinds": ["repair"]})
    made.refresh_from_db()
    assert (made.name, made.kinds) == ("路由器故障", ["repair"])
    client.post(reverse("category-deactivate", args=[made.pk]))
    made.refresh_from_db()
    assert not made.is_active


def test_everybody_reads_the_severity_standard_and_who_may_changes_it(cast: Cast, severities, client_of) -> None:
    assert "特急" in client_of(cast.agent).get(reverse("severity-list")).content.decode()
    client = client_of(cast.admin)
    form = {
        "code": "minor",
        "rank": 4,
        "name": "轻微",
        "standard": "建议类",
        "answer_hours": 120,
        "colour": "secondary",
        "is_active": "on",
    }
    client.post(reverse("severity-create"), form)
    assert client.post(reverse("severity-create"), form).status_code == 422
    client.post(reverse("severity-detail", args=["minor"]), form | {"answer_hours": 96})
    assert Severity.objects.get(code="minor").answer_hours == 96
    assert client_of(cast.agent).get(reverse("severity-detail", args=["minor"])).status_code == 403
