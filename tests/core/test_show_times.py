from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from core.rendering import render
from onepoint.core import clock

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture(autouse=True)
def at_noon_in_english():
    with clock.at(NOON), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("moment", "style", "text"),
    [
        (NOON - timedelta(hours=3), "short", "09:00"),
        (NOON - timedelta(days=2), "short", "11-20 12:00"),
        (NOON - timedelta(days=400), "short", "2025-10-18 12:00"),
        (NOON, "full", "2026-11-22 12:00"),
        (NOON, "date", "2026-11-22"),
        (NOON - timedelta(seconds=20), "ago", "just now"),
        (NOON - timedelta(minutes=95), "ago", "1 h 35 min ago"),
        (NOON - timedelta(days=1, hours=3), "ago", "1 day ago"),
        (NOON - timedelta(days=3), "ago", "3 days ago"),
        (date(2026, 1, 2), "short", "2026-01-02"),
    ],
)
def test_a_moment_is_as_short_as_it_can_be(moment, style, text):
    assert f">{text}</time>" in render("{% when moment style %}", moment=moment, style=style)


def test_a_moment_always_tells_the_whole_in_its_title():
    assert 'title="2026-11-22 12:00:00"' in render("{% when moment %}", moment=NOON)


def test_no_moment_is_a_dash():
    assert "—" in render("{% when moment %}{% due moment %}", moment=None)


@pytest.mark.parametrize(
    ("due", "options", "css", "text"),
    [
        (timedelta(hours=5), "", "due", "5 h left"),
        (timedelta(minutes=90), "", "due due--warn", "1 h 30 min left"),
        (timedelta(minutes=90), "warn_at=later", "due", "1 h 30 min left"),
        (timedelta(hours=5), "warn_at=earlier", "due due--warn", "5 h left"),
        (timedelta(hours=-26), "", "due due--bad", "1 d 2 h over"),
        (timedelta(hours=-26), "paused=True", "due due--paused", "paused"),
        (timedelta(hours=-2), "done_at=earlier", "due due--bad", "1 h late"),
        (timedelta(hours=2), "done_at=earlier", "due muted", "in time"),
    ],
)
def test_a_limit_is_a_traffic_light(due, options, css, text):
    html = render(
        f"{{% due moment {options} %}}",
        moment=NOON + due,
        later=NOON + timedelta(hours=1),
        earlier=NOON - timedelta(hours=1),
    )
    assert f'class="{css}"' in html
    assert f">{text}</span>" in html


@pytest.mark.parametrize(
    ("length", "text"), [(timedelta(minutes=5), "5 min"), (7200, "2 h"), (None, "—"), (timedelta(days=2), "2 d")]
)
def test_a_length_of_time_is_readable(length, text):
    assert render("{{ length|duration }}", length=length) == text


def test_chinese_has_its_own_words():
    with translation.override("zh-hans"):
        assert "剩 5 小时" in render("{% due moment %}", moment=NOON + timedelta(hours=5))
        assert "已超 1 天 2 小时" in render("{% due moment %}", moment=NOON - timedelta(hours=26))
