import re

from django.http import QueryDict

from core.rendering import render
from onepoint.core.tables import Column, Page

COLUMNS = [Column("number", "工单号", ("number",)), Column("title", "摘要"), Column("due", "时限", ("due_at",), "num")]
SOURCE = '{% data_table page id="tickets" nothing="没有工单" %}{% for row in page.rows %}<tr><td>{{ row }}</td></tr>{% endfor %}{% enddata_table %}'


def page(rows=("a", "b"), **changes):
    values = {
        "rows": list(rows), "columns": COLUMNS, "number": 1, "size": 50, "has_next": False, "total": len(rows),
        "total_is_capped": False, "sort": "", "parameters": QueryDict(""),
    }  # fmt: skip
    return Page(**{**values, **changes})


def heads(html):
    return re.findall(r"<th.*?</th>", html, re.DOTALL)


def test_only_sortable_columns_are_links():
    number, title, due = heads(render(SOURCE, page=page()))
    assert 'href="?sort=number"' in number
    assert "href" not in title
    assert 'class="num"' in due


def test_the_sorted_column_says_so_and_turns_round():
    number, _title, due = heads(render(SOURCE, page=page(sort="due", parameters=QueryDict("sort=due&page=2&q=x"))))
    assert 'aria-sort="ascending"' in due
    assert 'href="?sort=-due&amp;q=x"' in due
    assert "aria-sort" not in number
    descending = heads(render(SOURCE, page=page(sort="-due", parameters=QueryDict("sort=-due"))))[2]
    assert 'aria-sort="descending"' in descending
    assert 'href="?sort=due"' in descending


def test_the_pager_appears_when_there_is_more():
    assert "pager__nav" not in render(SOURCE, page=page())
    html = render(
        SOURCE, page=page(number=2, has_next=True, total=1000, total_is_capped=True, parameters=QueryDict("page=2"))
    )
    assert 'href="?page=1"' in html
    assert 'href="?page=3"' in html
    assert "51–52" in html
    assert "1000+" in html


def test_an_empty_list_says_so():
    html = render(SOURCE, page=page(rows=()))
    assert "没有工单" in html
    assert "pager" not in html


def test_a_page_beyond_the_end_leads_back():
    assert 'href="?q=x"' in render(SOURCE, page=page(rows=(), number=9, parameters=QueryDict("q=x&page=9")))
