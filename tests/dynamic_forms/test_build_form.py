"""The form people fill in, and what is shown of it afterwards."""

from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation

from dynamic_forms.form_building import one, published
from onepoint.dynamic_forms.display import display_items
from onepoint.dynamic_forms.filling import build_form

pytestmark = pytest.mark.django_db

CHOICES = [{"value": "a", "label": "甲", "label_en": "A"}, {"value": "b", "label": "乙", "label_en": "B"}]
EVERYTHING = {
    "fields": [
        {"key": "t", "label": "文", "type": "text"},
        {"key": "l", "label": "长", "type": "long_text"},
        {"key": "i", "label": "整", "type": "integer", "min": 1, "max": 9},
        {"key": "d", "label": "数", "type": "decimal"},
        {"key": "m", "label": "钱", "type": "money"},
        {"key": "day", "label": "日", "type": "date"},
        {"key": "at", "label": "时刻", "type": "datetime"},
        {"key": "clock", "label": "时间", "type": "time"},
        {"key": "yes", "label": "是否", "type": "boolean"},
        {"key": "c", "label": "选", "type": "choice", "choices": CHOICES},
        {"key": "mc", "label": "多选", "type": "multi_choice", "choices": CHOICES},
        {"key": "p", "label": "电话", "type": "phone"},
        {"key": "e", "label": "邮", "type": "email"},
        {"key": "r", "label": "区", "type": "region"},
        {"key": "s", "label": "编号", "type": "serial_number"},
    ]
}
STORED = {
    "t": "文字",
    "l": "一\n二",
    "i": 3,
    "d": "1.5",
    "m": "2.50",
    "day": "2026-01-31",
    "at": "2026-01-31T14:30+08:00",
    "clock": "14:30",
    "yes": False,
    "c": "a",
    "mc": ["a", "b"],
    "p": "+8613800001111",
    "e": "a@example.com",
    "r": "east",
    "s": "SN-1",
}


def posted(html: str) -> QueryDict:
    """What a browser would send of the rendered form, unchanged."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.sent = QueryDict(mutable=True)
            self.select = self.area = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            facts = dict(attrs)
            if tag == "input" and facts.get("name") and (facts.get("type") != "checkbox" or "checked" in facts):
                self.sent.appendlist(str(facts["name"]), str(facts.get("value") or ""))
            self.select = str(facts["name"]) if tag == "select" else self.select
            self.area = str(facts["name"]) if tag == "textarea" else ""
            if tag == "option" and "selected" in facts:
                self.sent.appendlist(self.select, str(facts.get("value") or ""))

        def handle_data(self, text: str) -> None:
            if self.area:
                self.sent.appendlist(self.area, text.lstrip("\r\n"))
                self.area = ""

    reader = Reader()
    reader.feed(html)
    return reader.sent


def rendered(form: Any) -> str:
    return render_to_string("dynamic_forms/items.html", {"form": form})


def test_stored_items_survive_being_shown_and_sent_again(cast: Any) -> None:
    version = published(cast.admin, EVERYTHING)
    again = build_form(version, posted(rendered(build_form(version, initial=STORED))))
    assert again.is_valid(), again.errors
    assert again.items == STORED


def test_errors_stand_beside_their_fields_and_what_was_typed_is_kept(cast: Any) -> None:
    version = published(cast.admin)
    form = build_form(version, QueryDict("items-number=abc&items-wants=refund&items-amount=5000"))
    assert not form.is_valid()
    assert set(form.errors) == {"number", "amount"}
    html = rendered(form)
    assert 'value="abc"' in html
    assert 'value="5000"' in html


def test_names_carry_the_prefix_and_no_other_name_is_read(cast: Any) -> None:
    form = build_form(published(cast.admin), QueryDict("number=13800001111&wants=explain"))
    assert set(form.errors) == {"number", "wants"}


def test_defaults_stand_in_a_fresh_form_only(cast: Any) -> None:
    version = published(cast.admin, one("text", default="预填"))
    assert 'value="预填"' in rendered(build_form(version))
    assert "预填" not in rendered(build_form(version, initial={}))


def test_labels_follow_the_language(cast: Any) -> None:
    version = published(cast.admin)
    with translation.override("zh-hans"):
        assert "客户诉求" in rendered(build_form(version))
    with translation.override("en"):
        html = rendered(build_form(version))
    assert "Wants" in html
    assert "Refund" in html


def test_fields_whose_condition_does_not_hold_are_marked_for_the_script_and_present_without_it(cast: Any) -> None:
    version = published(cast.admin)
    html = rendered(build_form(version))
    assert html.count("data-not-shown") == 2
    assert 'name="items-amount"' in html
    assert 'data-controlling="wants amount"' in html
    assert "data-not-shown" not in rendered(build_form(version, initial={"wants": "refund"}))


def test_items_are_displayed_in_order_with_labels_of_their_choices(cast: Any) -> None:
    version = published(cast.admin, EVERYTHING)
    with translation.override("en"):
        shown = dict(display_items(version, STORED))
    assert shown["选"] == "A"
    assert shown["多选"] == "A, B"
    assert shown["是否"] == "No"
    assert shown["钱"] == "¥2.50"
    assert shown["时刻"] == "2026-01-31 14:30"
    assert shown["区"] == "East"
    assert [label for label, _ in display_items(version, STORED)] == [f["label"] for f in EVERYTHING["fields"]]


def test_items_of_no_form_are_nothing() -> None:
    assert display_items(None, {"a": 1}) == []


def test_whatever_is_entered_is_escaped(cast: Any) -> None:
    version = published(cast.admin, one("text", label="<b>甲</b>"))
    html = rendered(build_form(version, QueryDict('items-x="><script>alert(1)</script>')))
    assert "<script>" not in html
    assert "<b>" not in html
