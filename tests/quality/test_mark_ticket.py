"""Marks both ways: whoever works further on judges what came before, once, by a code of the standard in force."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.notifications.models import Notification
from onepoint.quality import refusals, services
from onepoint.quality.models import Mark, Standard
from onepoint.quality.queries.marks import counted_marks
from onepoint.quality.signals import mark_settled, ticket_marked
from onepoint.quality.states import MarkState
from onepoint.sla.moments import fire_due
from onepoint.tickets.models import Ticket
from quality.conftest import code, verbs_of, work_of


def heard(person: Any) -> list[str]:
    return list(Notification.objects.filter(person=person).order_by("pk").values_list("event", flat=True))


def test_the_back_office_marks_the_record(mark_record: Callable[..., Mark], judges: Cast, ticket: Ticket) -> None:
    news: list[Mark] = []
    ticket_marked.connect(hear := lambda mark, by, **_more: news.append(mark))
    try:
        mark = mark_record()
    finally:
        ticket_marked.disconnect(hear)
    assert news == [mark]
    assert mark.number.startswith("PD")
    assert (mark.person, mark.unit, mark.region, mark.category) == (
        judges.agent, judges.call_centre, judges.east, ticket.category,
    )  # fmt: skip
    assert (mark.points, mark.state) == (code("F01").points, MarkState.STANDING)
    assert verbs_of("mark", mark.pk) == ["mark.made"]
    assert "ticket.mark_made" in verbs_of("ticket", ticket.pk)
    assert "mark.made" in heard(judges.agent)
    assert "mark.made" not in heard(judges.coordinator)


def test_the_front_office_marks_the_step_whose_answer_does_not_help(
    judges: Cast, standard: Standard, handled: Ticket
) -> None:
    work = work_of(handled, "handle", judge=judges.agent)
    assert work.person == judges.handler
    mark = services.mark_unqualified(
        handled, code=code("B01"), person=work.person, direction="front_on_back", task=work.task, by=judges.agent
    )
    assert (mark.unit, mark.task) == (judges.network, work.task)


def test_one_person_marks_one_part_by_one_code_once(mark_record: Callable[..., Mark], judges: Cast) -> None:
    first = mark_record(key="form-1")
    assert mark_record(key="form-1") == first == mark_record(key="form-2")
    other = mark_record("F02")
    assert other != first
    assert mark_record(by=judges.supervisor) not in (first, other)
    services.withdraw_mark(first, reason="看错了", by=judges.coordinator)
    assert mark_record(key="form-3") != first


@pytest.mark.parametrize(
    ("who", "sign", "person", "direction", "refusal"),
    [
        ("agent", "F01", "coordinator", "back_on_front", NotPermitted),
        ("handler", "B01", "agent", "front_on_back", NotPermitted),
        ("visitor", "B01", "agent", "inspection", NotPermitted),
        ("coordinator", "B01", "agent", "back_on_front", refusals.CodeNotForThis),
        ("coordinator", "F01", "second_agent", "back_on_front", refusals.NotTheirWork),
        ("coordinator", "F01", "coordinator", "back_on_front", refusals.OwnWork),
    ],
)
def test_who_may_not_mark_what(
    judges: Cast, standard: Standard, ticket: Ticket, who: str, sign: str, person: str, direction: str, refusal: type
) -> None:
    with pytest.raises(refusal):
        services.mark_unqualified(
            ticket, code=code(sign), person=getattr(judges, person), direction=direction, by=getattr(judges, who)
        )
    assert not Mark.objects.exists()


def test_a_step_of_another_ticket_or_of_another_person_is_refused(
    judges: Cast, standard: Standard, handled: Ticket, register: Callable[..., Ticket]
) -> None:
    work = work_of(handled, "handle", judge=judges.agent)
    for ticket, person in ((register(), work.person), (handled, judges.interface_person)):
        with pytest.raises(refusals.NotTheirWork):
            services.mark_unqualified(
                ticket, code=code("B01"), person=person, direction="front_on_back", task=work.task, by=judges.agent
            )


def test_a_code_of_a_replaced_version_marks_nothing_any_more(judges: Cast, standard: Standard, ticket: Ticket) -> None:
    old = code("F01")
    services.publish_standard(services.begin_draft(by=None), by=None)
    old.refresh_from_db()
    with pytest.raises(refusals.CodeNotForThis):
        services.mark_unqualified(
            ticket, code=old, person=judges.agent, direction="back_on_front", by=judges.coordinator
        )


def test_whoever_made_a_mark_takes_it_back_while_it_stands(mark_record: Callable[..., Mark], judges: Cast) -> None:
    mark = mark_record()
    with pytest.raises(refusals.NotYourMark):
        services.withdraw_mark(mark, reason="不同意", by=judges.agent)
    with pytest.raises(InvalidInput):
        services.withdraw_mark(mark, reason=" ", by=judges.coordinator)
    news: list[str] = []
    mark_settled.connect(hear := lambda mark, by, **_more: news.append(mark.state))
    try:
        services.withdraw_mark(mark, reason="看错了", by=judges.coordinator)
    finally:
        mark_settled.disconnect(hear)
    assert news == ["withdrawn"]
    assert not counted_marks().exists()
    assert verbs_of("mark", mark.pk)[-1] == "mark.withdrawn"
    assert "mark.withdrawn" in heard(judges.agent)
    with pytest.raises(refusals.MarkStateForbids):
        services.withdraw_mark(mark, reason="再来", by=judges.coordinator)


def test_a_mark_nobody_appeals_against_in_time_is_final(mark_record: Callable[..., Mark], judges: Cast) -> None:
    mark = mark_record()
    with clock.at(mark.appeal_due_at + timedelta(minutes=1)):
        with pytest.raises(refusals.MarkIsFinal):
            services.withdraw_mark(mark, reason="晚了", by=judges.coordinator)
        fire_due()
    mark.refresh_from_db()
    assert (mark.is_final, mark.state) == (True, MarkState.STANDING)
    assert verbs_of("mark", mark.pk) == ["mark.made", "mark.final"]
    assert counted_marks().get() == mark


def test_the_page_of_a_ticket_marks_in_one_click(judges: Cast, standard: Standard, handled: Ticket, client_of) -> None:
    client = client_of(judges.agent)
    address = f"/tickets/{handled.number}/marks/"
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "front_on_back" in page
    assert "back_on_front" not in page
    work = work_of(handled, "handle", judge=judges.agent)
    form = {
        "direction": "front_on_back", "work": work.value, "code": code("B01").pk, "words": "答非所问",
        "key": "6b2f7a52-97a1-4dc3-8a43-6e9f0cf2f001",
    }  # fmt: skip
    for _time in range(2):
        assert client.post(f"{address}new/", form, headers={"HX-Request": "true"}).status_code == 200
    assert Mark.objects.get().words == "答非所问"
    assert client.post(f"{address}new/", form | {"code": code("F01").pk}).status_code == 422
    assert client.post(f"{address}new/", form | {"direction": "back_on_front"}).status_code == 403
    assert client_of(judges.outsider).get(address).status_code == 404
    assert client_of(judges.outsider).post(f"{address}new/", form).status_code == 404


def test_marks_are_seen_by_those_concerned_and_in_scope(
    mark_record: Callable[..., Mark], judges: Cast, client_of
) -> None:
    mark = mark_record()
    seen = {
        name: client_of(getattr(judges, name)).get(f"/marks/{mark.number}/").status_code
        for name in ("agent", "coordinator", "supervisor", "admin", "second_agent", "handler", "outsider")
    }
    assert seen == {
        "agent": 200, "coordinator": 200, "supervisor": 200, "admin": 200, "second_agent": 404, "handler": 404, "outsider": 404,
    }  # fmt: skip
    assert mark.number in client_of(judges.agent).get("/marks/mine/").content.decode()
    assert mark.number not in client_of(judges.second_agent).get("/marks/mine/").content.decode()
    assert client_of(judges.second_agent).get("/marks/").status_code == 403


def test_the_list_narrows_and_asks_a_fixed_number_of_questions(
    mark_record: Callable[..., Mark], judges: Cast, client_of, django_assert_max_num_queries
) -> None:
    mark, other = mark_record(), mark_record("F02")
    client = client_of(judges.supervisor)
    client.get("/marks/")
    with django_assert_max_num_queries(14):
        client.get("/marks/")
    page = client.get("/marks/", {"code": "F01", "state": "counted", "unit": judges.call_centre.pk}).content.decode()
    assert mark.number in page
    assert other.number not in page
    for narrowed in ({"direction": "front_on_back"}, {"person": judges.handler.pk}, {"until": "2020-01-01"}):
        assert mark.number not in client.get("/marks/", narrowed).content.decode()
    assert mark.number in client.get("/marks/", {"q": mark.ticket.number}).content.decode()


def test_figures_add_up_what_counts(mark_record: Callable[..., Mark], judges: Cast, client_of) -> None:
    first, second = mark_record(), mark_record("F03")
    services.withdraw_mark(second, reason="看错了", by=judges.coordinator)
    client = client_of(judges.supervisor)
    for group in ("person", "unit", "code", "direction", "month"):
        page = client.get("/marks/figures/", {"by": group})
        line = page.context["lines"][0]
        assert (len(page.context["lines"]), line.made, line.points) == (1, 1, first.points), group
        listed = client.get(f"/marks/?{line.link}").content.decode()
        assert first.number in listed
    assert client_of(judges.agent).get("/marks/figures/").status_code == 403
