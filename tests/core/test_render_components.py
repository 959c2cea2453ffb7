from dataclasses import dataclass

import pytest
from django.template import TemplateSyntaxError
from django.utils import translation

from core.rendering import render


@dataclass
class Node:
    pk: int
    parent_id: int | None
    label: str
    code: str = ""
    name: str = ""
    name_en: str = ""


TREE = [Node(1, None, "省公司"), Node(2, 1, "杭州"), Node(3, 2, "网络部"), Node(4, 1, "宁波")]


def test_a_page_head_shows_the_way_the_title_and_the_actions():
    html = render(
        '{% crumbs "机构" "/units/" as trail %}{% page_head "网络部" trail=trail sub="杭州" %}<a href="/x/">改</a>{% endpage_head %}'
    )
    assert '<a href="/units/">机构</a>' in html
    assert "<h1>网络部" in html
    assert '<div class="head__actions"><a href="/x/">改</a></div>' in html


def test_a_title_is_escaped():
    html = render("{% page_head title %}{% endpage_head %}", title="<script>alert(1)</script>")
    assert "<script>" not in html


def test_a_panel_holds_what_stands_inside():
    html = render('{% panel "内容" flush=True id="main-part" %}<p>{{ text }}</p>{% endpanel %}', text="<b>")
    assert 'class="panel panel--flush" id="main-part"' in html
    assert "<p>&lt;b&gt;</p>" in html


def test_an_empty_fact_shows_a_dash():
    assert '<dd class="">—</dd>' in render('{% fact "电话" %}{{ phone }}{% endfact %}', phone="")
    assert '<dd class="facts__wide">138</dd>' in render(
        '{% fact "电话" wide=True %} {{ phone }} {% endfact %}', phone="138"
    )


def test_a_badge_escapes_its_text_and_refuses_an_unknown_tone():
    assert render('{% badge text "bad" %}', text="<i>") == '<span class="tag tag--bad">&lt;i&gt;</span>'
    with pytest.raises(TemplateSyntaxError):
        render('{% badge "x" "pink" %}')


@pytest.mark.parametrize(
    ("name", "initials"), [("王小明", "王"), ("Anna Berg", "AB"), ("root", "r"), ("欧阳 娜", "欧")]
)
def test_a_person_shows_initials(name, initials):
    assert f'aria-hidden="true">{initials}</span>' in render("{% person name %}", name=name)


def test_nobody_shows_a_dash():
    assert "—" in render("{% person nobody %}", nobody=None)


def test_the_current_tab_is_marked_and_counts_are_shown():
    html = render('{% tab "我的" "/mine/" True 3 "bad" %}{% tab "全部" "/all/" %}')
    assert '<a href="/mine/" aria-current="page">我的<span class="tabs__count tabs__count--bad">3</span></a>' in html
    assert '<a href="/all/">全部</a>' in html


def test_a_tree_opens_the_way_to_the_current_node():
    html = render('{% tree nodes query="unit" current=3 open_depth=0 %}', nodes=TREE)
    assert html.count("<details open>") == 2
    assert '<a href="?unit=3" aria-current="page">网络部</a>' in html
    assert '<a href="?unit=4">宁波</a>' in html


def test_a_tree_whose_root_is_out_of_sight_begins_at_what_is_seen():
    html = render('{% tree nodes query="unit" %}', nodes=TREE[1:])
    assert "省公司" not in html
    assert '<a href="?unit=2">杭州</a>' in html
    assert '<a href="?unit=4">宁波</a>' in html


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (2048, "2 KB"),
        (5 * 1024 * 1024, "5.0 MB"),
        (None, "0 B"),
        (3 * 2**40, "3072.0 GB"),
    ],
)
def test_file_sizes_are_readable(size, text):
    assert render("{{ size|file_size }}", size=size) == text


def test_an_unknown_page_has_no_url():
    assert render('{% url_if_any "no_such_page" as url %}[{{ url }}]') == "[]"


def test_a_timeline_item_shows_who_and_what():
    html = render('{% timeline_item "已受理" who="王小明" tone="good" %}来电{% endtimeline_item %}')
    assert "timeline__item--good" in html
    assert "王小明" in html
    assert '<div class="timeline__text">来电</div>' in html


def test_the_shell_speaks_both_languages():
    with translation.override("en"):
        assert "Ticket number" in render('{% translate "Ticket number, telephone, name or words" %}')
    with translation.override("zh-hans"):
        assert render('{% translate "To my desk" %}') == "回到工作台"
