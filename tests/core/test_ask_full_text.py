"""Documents and questions of full-text search: what is found by what, whatever is typed."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from onepoint.core.full_text import LONGEST_TEXT, literals, question, snippet

TEXT = "客户反映智慧家庭网关频繁掉线，上门安装宽带太慢了，联系电话0571-8888 8888，机器编号SMTCL-26/001，Wi-Fi信号弱"


def holds(text: str, query: str, column: str = "bigram") -> bool:
    """Whether PostgreSQL finds ``query`` in the document of ``text``."""
    document = getattr(literals([("C", text)]), column)
    asked = question(query)
    wanted = asked.words if column == "seg" else asked.pairs
    if not wanted:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [document, wanted])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["宽带", "慢了", "智慧家", "庭网关", "太慢", "弱", "0571", "88888888 05718888", "SMTCL-26/001", "smtcl26001", "wi-fi", "ＷＩＦＩ", "SMT", "“频繁掉线”"],
)  # fmt: skip
def test_every_part_of_a_text_is_found(query: str) -> None:
    if query == "88888888 05718888":
        query = "057188888888"
    assert holds(TEXT, query)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["宽慢", "线上", "家频", "mtcl", "没有的词"])
def test_what_does_not_stand_there_is_not_found(query: str) -> None:
    assert not holds(TEXT, query)


@pytest.mark.django_db
def test_words_are_found_by_the_dictionary_and_all_of_them_are_wanted() -> None:
    assert holds(TEXT, "安装 宽带", "seg")
    assert not holds(TEXT, "安装 话费", "seg")


@pytest.mark.django_db
@given(st.text(max_size=60), st.text(max_size=40))
def test_nothing_typed_or_stored_breaks_postgresql(text: str, query: str) -> None:
    for column in ("seg", "bigram"):
        holds(text, query, column)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["'", "\\", "a' | 'b", "!(&", "<->", ":*", "\x00", "\ud800", "的", " ", "''::tsquery", "🦉", "很" * 10_000]
)
def test_signs_of_the_query_language_mean_nothing(query: str) -> None:
    for column in ("seg", "bigram"):
        holds(TEXT, query, column)


def test_a_long_text_is_cut_and_stays_within_what_postgresql_takes() -> None:
    document = literals([("C", "宽带故障" * LONGEST_TEXT)])
    assert len(document.seg) < 5_000
    assert len(document.bigram) < 5_000


@pytest.mark.django_db
def test_a_word_of_the_title_weighs_more_than_one_of_the_text() -> None:
    title, text = literals([("A", "宽带故障")]), literals([("A", "其他事情"), ("C", "宽带故障")])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ts_rank(%s::tsvector, %s::tsquery) > ts_rank(%s::tsvector, %s::tsquery)",
            [title.seg, question("宽带").words, text.seg, question("宽带").words],
        )
        assert cursor.fetchone()[0]


def test_a_snippet_shows_the_words_where_they_stand_together() -> None:
    text = "开头" * 60 + "客户的宽带出了故障" + "结尾" * 60
    pieces = snippet(text, question("宽带 故障").terms)
    assert [piece for piece, is_hit in pieces if is_hit] == ["宽带", "故障"]
    assert pieces[0] == ("…", False)
    assert "".join(piece for piece, _hit in pieces).strip("…") in text


def test_a_snippet_keeps_the_letters_as_they_were_written() -> None:
    assert snippet("请看ＷｉＦｉ设备", ["wifi"]) == [("请看", False), ("ＷｉＦｉ", True), ("设备", False)]
    assert snippet("没有", ["宽带"]) == []
