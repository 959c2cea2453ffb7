"""Full-text search over tickets: title, text, special items, opinions and file names, in scope, ranked, highlighted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.tickets import queries, searching, services
from onepoint.tickets.list_models import ERA
from onepoint.tickets.models import SearchChange, SearchDocument, Ticket
from onepoint.tickets.queries import TicketFilter
from onepoint.tickets.services import search_index
from tickets.conftest import do, fresh

Register = Callable[..., Ticket]


def found(text: str, user: Any) -> list[str]:
    services.index_changes()
    return [hit.ticket.title for hit in queries.search_tickets(text, visible_to=fresh(user))]


def test_a_word_of_two_characters_is_found_inside_a_long_text(cast: Cast, register: Register) -> None:
    register(title="网络", description="客户" * 500 + "智慧家庭网关掉线" + "处理" * 500)
    assert found("慧家", cast.agent) == ["网络"]
    assert found("网关", cast.agent) == ["网络"]


def test_who_comes_while_another_one_writes_for_long_leaves_the_rest_to_it(register: Register) -> None:
    register(title="网关掉线")
    other = connection.copy()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        other.cursor().execute("SELECT pg_advisory_lock(%s)", [search_index._WRITER])
        assert services.index_changes() == 0
        assert SearchChange.objects.count() == 1
    finally:
        other.close()
    assert services.index_changes() == 1
    assert not SearchChange.objects.exists()


def test_opinions_file_names_special_items_and_the_category_are_found(
    cast: Cast, register: Register, categories: Any
) -> None:
    ticket = register(title="甲", category=categories["bb_slow"], special_items={"account": "kd88990011"})
    assert found("kd88990011", cast.agent) == ["甲"]
    assert found("网速慢", cast.agent) == ["甲"]
    assert found("Slow", cast.agent) == ["甲"]
    do(
        ticket,
        "coordinate",
        cast.coordinator,
        "departments_in_sequence",
        "请核查光衰指标",
        departments=[cast.network.pk],
    )
    assert found("光衰", cast.agent) == ["甲"]
    own = register(title="乙")
    services.add_attachment(own, SimpleUploadedFile("现场勘察记录.txt", b"x"), by=fresh(cast.agent))
    assert found("勘察", cast.agent) == ["乙"]


def test_the_title_ranks_first_then_what_is_newest(cast: Cast, register: Register) -> None:
    register(title="宽带故障", contact_name="甲")
    register(title="其他", description="后来又说宽带故障")
    newer = register(title="宽带故障", contact_name="乙")
    assert found("宽带 故障", cast.agent) == ["宽带故障", "宽带故障", "其他"]
    assert queries.search_tickets("宽带 故障", visible_to=fresh(cast.agent))[0].ticket == newer


def test_nobody_finds_what_he_may_not_see(cast: Cast, register: Register) -> None:
    register(title="东市宽带")
    register(title="西市宽带", by=cast.outsider)
    assert found("宽带", cast.agent) == ["东市宽带"]
    assert found("宽带", cast.outsider) == ["西市宽带"]
    assert found("宽带", cast.handler) == []
    assert sorted(found("宽带", cast.admin)) == ["东市宽带", "西市宽带"]


def test_whoever_gets_a_step_finds_the_ticket_from_then_on(cast: Cast, register: Register) -> None:
    ticket = register(title="宽带慢")
    assert found("宽带", cast.interface_person) == []
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert found("宽带", cast.interface_person) == ["宽带慢"]


def test_a_document_that_lags_behind_shows_nobody_too_much(cast: Cast, register: Register) -> None:
    ticket = register(title="宽带慢")
    services.index_changes()
    SearchDocument.objects.filter(ticket=ticket).update(audience=[f"P{cast.outsider.pk}"])
    assert queries.search_tickets("宽带", visible_to=fresh(cast.outsider)) == []


def test_a_correction_is_found_and_what_it_replaced_no_longer(cast: Cast, register: Register) -> None:
    ticket = register(title="宽带慢")
    assert found("宽带", cast.agent) == ["宽带慢"]
    services.correct_ticket(ticket, services.Correction(title="话费多"), version=ticket.version, by=fresh(cast.agent))
    assert found("话费", cast.agent) == ["话费多"]
    assert found("宽带", cast.agent) == []


def test_the_list_narrowed_by_words_holds_the_same_tickets(
    cast: Cast, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However frequent a word is: by the ids of the newest, or as a condition where something else narrows it too."""
    for number in range(6):
        register(title=f"宽带慢{number}", channel="hall" if number % 2 else "hotline")
    services.index_changes()
    agent = fresh(cast.agent)
    for most in (1000, 4):
        monkeypatch.setattr(searching, "MOST_IDS", most)
        monkeypatch.setattr(searching, "FEW", 1)
        whole = queries.find_tickets(TicketFilter(text="宽带"), visible_to=agent)
        halls = queries.find_tickets(TicketFilter(text="宽带", channel="hall"), visible_to=agent, complete=False)
        newest = queries.find_tickets(TicketFilter(text="宽带"), visible_to=agent, complete=False)
        assert (whole.count(), halls.count(), newest.count()) == (6, 3, min(6, most))
        assert queries.find_tickets(TicketFilter(text="宽带"), visible_to=fresh(cast.outsider)).count() == 0


def test_a_rare_word_is_found_behind_the_newest_tickets(
    cast: Cast, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(title="罕见词")
    for _more in range(4):
        register(title="别的")
    monkeypatch.setattr(searching, "newest_eras", lambda: [1_000_000, 1_000_001])
    assert found("罕见", cast.agent) == ["罕见词"]


def test_a_word_is_looked_up_with_the_eras_of_the_newest(cast: Cast, register: Register) -> None:
    """Else finding what is new would take as long as all there ever was of a word."""
    ticket = register(title="宽带掉线")
    services.index_changes()
    eras = searching.newest_eras()
    assert ticket.pk // ERA in eras
    assert len(eras) <= searching.NEWEST // ERA + 3
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        queries.search_tickets("宽带", visible_to=fresh(cast.agent))
        statement = next(one["sql"] for one in captured.captured_queries if "seg @@" in one["sql"])
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")  # as if there were a million
        cursor.execute(
            "DROP INDEX ticket_pairs_by_era"
        )  # of empty tables any index will do; it is back after this test
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "ticket_words_by_era" in plan
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "seg @@" in condition
    assert f"ticket_id / {ERA}" in condition


@pytest.mark.parametrize("length", [2, 6, 10, 16])
def test_a_number_or_its_beginning_finds_the_ticket(cast: Cast, register: Register, length: int) -> None:
    ticket = register(title="宽带")
    other = register(title="别的")
    Ticket.objects.filter(pk=other.pk).update(number="TS19990101000001")
    beginning = ticket.number[:length]
    expected = [ticket.title] if length > 2 else [ticket.title, "别的"]
    assert found(beginning.lower(), cast.agent) == expected
    listed = queries.find_tickets(TicketFilter(number=beginning), visible_to=fresh(cast.agent))
    assert {one.title for one in listed} == {*expected}


def test_changes_are_written_once_and_nothing_waits_afterwards(cast: Cast, register: Register) -> None:
    register()
    assert SearchChange.objects.exists()
    assert services.index_changes() == 1
    assert not SearchChange.objects.exists()
    assert services.index_changes() == 0


def test_reindexing_writes_every_document_and_can_be_continued(cast: Cast, register: Register, capsys: Any) -> None:
    first, second = register(title="宽带慢"), register(title="话费多")
    SearchDocument.objects.all().delete()
    call_command("reindex_tickets", after=first.pk, verbosity=0)
    assert set(SearchDocument.objects.values_list("pk", flat=True)) == {second.pk}
    call_command("reindex_tickets", verbosity=0)
    assert set(SearchDocument.objects.values_list("pk", flat=True)) == {first.pk, second.pk}


def test_the_page_marks_the_words_and_escapes_what_stands_around_them(
    cast: Cast, register: Register, client_of: Any
) -> None:
    register(title="宽带<b>慢</b>", description="打<script>alert(1)</script>电话说宽带慢")
    services.index_changes()
    page = client_of(cast.agent).get("/search/", {"q": "宽带"}).content.decode()
    assert "<mark>宽带</mark>&lt;b&gt;" in page
    assert "<script>alert" not in page


def test_numbers_in_a_hit_are_masked_for_whoever_may_not_see_them(
    cast: Cast, register: Register, client_of: Any
) -> None:
    ticket = register(title="宽带慢", description="请打13900001111找王先生说宽带的事")
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    services.index_changes()
    for person, sees in ((cast.agent, True), (cast.interface_person, False)):
        page = client_of(person).get("/search/", {"q": "宽带"}).content.decode()
        assert ticket.number in page
        assert ("13900001111" in page) is sees
