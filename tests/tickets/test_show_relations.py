"""Pages around a ticket: relations, merging, splitting, tags, holds, schedules, paper."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core import clock
from onepoint.tickets import services
from onepoint.tickets.models import Tag, Ticket, TicketLink, TicketSchedule
from onepoint.tickets.states import LinkKind, TicketStatus
from tickets.conftest import again, do, fresh
from tickets.test_attach_file import upload


def url(name: str, ticket: Ticket, *more: object) -> str:
    return reverse(name, args=[ticket.number, *more])


@pytest.fixture
def coordinator(cast: Cast, client_of):
    return client_of(cast.coordinator)


def test_the_panel_names_parent_children_links_and_merged_ones(cast: Cast, ticket, register, client_of) -> None:
    parent, child, linked, twin = (register(title=title) for title in ("母", "子", "联", "双"))
    services.attach_child(parent, ticket, by=None)
    services.attach_child(ticket, child, by=None)
    services.link_tickets(ticket, linked, kind=LinkKind.CAUSED_BY, by=None)
    services.merge_tickets(ticket, [twin], reason="同", by=None)
    client = client_of(cast.agent)
    for options in ({}, {"headers": {"HX-Request": "true"}}):
        page = client.get(url("ticket-relations", ticket), **options).content.decode()
        assert all(one.number in page for one in (parent, child, linked, twin))
        assert ("<html" in page) == (not options)


def test_the_panel_costs_the_same_however_much_stands_around(cast: Cast, ticket, register, client_of, django_assert_max_num_queries) -> None:  # fmt: skip
    for _number in range(5):
        services.attach_child(ticket, register(), by=None)
        services.link_tickets(ticket, register(), kind=LinkKind.RELATED, by=None)
    client = client_of(cast.agent)
    client.get(url("ticket-relations", ticket))
    with django_assert_max_num_queries(22):
        client.get(url("ticket-relations", ticket))


def test_relating_and_its_refusals_on_the_page(cast: Cast, ticket, register, coordinator) -> None:
    other = register()
    address = url("ticket-relate", ticket)
    assert coordinator.get(address).status_code == 200
    assert coordinator.post(address, {"other": other.number, "how": "child"}).status_code == 302
    assert again(other).parent_id == ticket.pk
    refused = coordinator.post(address, {"other": other.number, "how": "parent"})
    assert refused.status_code == 422
    assert other.number in refused.content.decode()
    assert coordinator.post(address, {"other": other.number, "how": "related"}).status_code == 302
    assert TicketLink.objects.count() == 1
    assert coordinator.post(address, {"other": "TS000", "how": "related"}).status_code == 422


def test_a_ticket_of_another_city_is_no_choice(cast: Cast, ticket, register, coordinator) -> None:
    west = register(by=cast.outsider)
    assert coordinator.post(url("ticket-relate", ticket), {"other": west.number, "how": "related"}).status_code == 422
    response = coordinator.post(url("ticket-merge", ticket), {"others": west.number, "survives": "this", "reason": "x"})
    assert response.status_code == 422
    found = coordinator.get(reverse("ticket-options"), {"q": west.number}).json()
    assert found == {"results": []}


def test_a_child_is_registered_once_however_often_the_form_is_sent(cast: Cast, ticket, coordinator) -> None:
    address = url("ticket-child-create", ticket)
    key = re.search(r'name="request_key" value="([^"]+)"', coordinator.get(address).content.decode()).group(1)
    sent = {
        "request_key": key,
        "kind": ticket.kind,
        "category": ticket.category_id,
        "title": "查线路",
        "description": "x",
    }
    for _time in range(2):
        assert coordinator.post(address, sent).status_code == 302
    assert Ticket.objects.filter(parent=ticket).count() == 1


def test_children_links_and_tags_are_taken_away(cast: Cast, ticket, register, coordinator) -> None:
    child, linked = register(), register()
    tag = services.create_tag(name="紧急", by=None)
    services.attach_child(ticket, child, by=None)
    link = services.link_tickets(ticket, linked, kind=LinkKind.RELATED, by=None)
    assert coordinator.post(url("ticket-tag-add", ticket), {"tag": tag.pk}).status_code == 302
    assert again(ticket).tags == ["紧急"]
    assert coordinator.post(url("ticket-tag-add", ticket), {"tag": "7777"}).status_code in (302, 422)
    assert coordinator.post(url("ticket-tag-remove", ticket), {"code": "紧急"}).status_code == 302
    assert coordinator.post(url("ticket-link-remove", ticket, link.pk)).status_code == 302
    assert coordinator.post(url("ticket-child-detach", ticket, child.number)).status_code == 302
    assert (again(ticket).tags, TicketLink.objects.count(), again(child).parent_id) == ([], 0, None)
    assert coordinator.post(url("ticket-child-detach", ticket, linked.number)).status_code == 404


def test_merging_asks_when_the_customers_differ(cast: Cast, ticket, register, coordinator, customer) -> None:
    from onepoint.customers import services as customer_services

    stranger = customer_services.create_customer(by=cast.agent, name="李四", region=cast.east, accounts=[])
    other = register(customer=stranger)
    address = url("ticket-merge", ticket)
    sent = {"others": other.number, "survives": "other", "reason": "同一故障"}
    refused = coordinator.post(address, sent)
    assert refused.status_code == 422
    assert "despite_customers" in refused.content.decode()
    assert "同一故障" in refused.content.decode()
    answer = coordinator.post(address, {**sent, "despite_customers": "on"})
    assert answer["Location"] == other.get_absolute_url()
    assert again(ticket).merged_into_id == other.pk
    page = coordinator.get(ticket.get_absolute_url()).content.decode()
    assert other.number in page
    assert coordinator.get(address).status_code == 409


def test_open_tickets_of_the_same_number_are_offered_for_merging(cast: Cast, ticket, register, coordinator) -> None:
    twin = register(contact_phone="13800138000", contact_name="他太太")
    page = coordinator.get(url("ticket-merge", ticket)).content.decode()
    assert twin.number in page
    sent = {"same": twin.number, "survives": "this", "reason": "同一故障", "despite_customers": "on"}
    assert coordinator.post(url("ticket-merge", ticket), sent).status_code == 302
    assert again(twin).status == TicketStatus.MERGED


def test_splitting_takes_the_chosen_files_along(cast: Cast, ticket, coordinator) -> None:
    stays = services.add_attachment(ticket, upload("留下.txt"), by=fresh(cast.agent))
    goes = services.add_attachment(ticket, upload("移走.txt"), by=fresh(cast.agent))
    sent = {
        "kind": ticket.kind, "category": ticket.category_id, "title": "另一件", "description": "",
        f"file-{stays.pk}": "stay", f"file-{goes.pk}": "move",
    }  # fmt: skip
    address = url("ticket-split", ticket)
    assert "移走.txt" in coordinator.get(address).content.decode()
    assert coordinator.post(address, sent).status_code == 302
    made = Ticket.objects.get(title="另一件")
    assert "移走.txt" in coordinator.get(made.get_absolute_url()).content.decode()


def test_a_ticket_is_held_resumed_and_resolved_on_its_page(cast: Cast, ticket, coordinator) -> None:
    until = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    refused = coordinator.post(url("ticket-hold", ticket), {"reason": "等配件", "until": "nonsense"})
    assert refused.status_code == 422
    assert "等配件" in refused.content.decode()
    assert coordinator.post(url("ticket-hold", ticket), {"reason": "等配件", "until": until}).status_code == 302
    assert "等配件" in coordinator.get(ticket.get_absolute_url()).content.decode()
    assert coordinator.post(url("ticket-resume", ticket)).status_code == 302
    assert coordinator.post(url("ticket-resume", ticket)).status_code == 409
    assert coordinator.post(url("ticket-resolve", ticket), {"reason": "已修好"}).status_code == 302
    assert again(ticket).status == TicketStatus.RESOLVED


def test_paper_holds_everything_and_masks_what_the_reader_may_not_see(cast: Cast, ticket, client_of) -> None:
    services.add_attachment(ticket, upload("账单.txt"), by=fresh(cast.agent))
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", "请网络部查", departments=[cast.network.pk])
    page = client_of(cast.agent).get(url("ticket-print", ticket)).content.decode()
    for text in (ticket.number, "本月话费异常", "请网络部查", "账单.txt", "王小明"):
        assert text in page
    for_handler = client_of(cast.interface_person).get(url("ticket-print", ticket)).content.decode()
    assert "请网络部查" in for_handler
    assert "13800138000" not in for_handler.replace(" ", "")


SCHEDULE = {
    "name": "每月巡检", "frequency": "monthly", "interval": "1", "at_time": "09:00", "kind": "report", "title": "巡检",
    "month_day": "1",
}  # fmt: skip


def test_a_schedule_is_previewed_saved_paused_and_resumed(cast: Cast, categories, complaint_process, client_of) -> None:
    client = client_of(cast.admin)
    start = clock.today() + timedelta(days=1)
    sent = {**SCHEDULE, "starts_on": start.isoformat(), "category": categories["billing"].pk}
    preview = client.post(reverse("schedule-create"), {**sent, "preview": "1"})
    assert preview.status_code == 200
    assert not TicketSchedule.objects.exists()
    assert client.post(reverse("schedule-create"), sent).status_code == 302
    schedule = TicketSchedule.objects.get()
    detail = reverse("schedule-detail", args=[schedule.pk])
    assert client.get(detail).status_code == client.get(reverse("schedule-list")).status_code == 200
    assert client.post(detail, {**sent, "title": "大巡检", "version": "1"}).status_code == 302
    assert client.post(detail, {**sent, "title": "小巡检", "version": "1"}).status_code == 422
    assert client.post(reverse("schedule-pause", args=[schedule.pk])).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.title, schedule.is_active) == ("大巡检", False)
    assert client.post(reverse("schedule-resume", args=[schedule.pk])).status_code == 302
    schedule.refresh_from_db()
    assert schedule.is_active


def test_a_schedule_of_nonsense_is_shown_again(cast: Cast, categories, client_of) -> None:
    wrong = {**SCHEDULE, "starts_on": "2026-99-99", "interval": "99999999999", "month_day": "0", "weekdays": "9"}
    page = client_of(cast.admin).post(reverse("schedule-create"), wrong)
    assert page.status_code == 422
    assert "每月巡检" in page.content.decode()


def test_tags_are_maintained_by_who_may(cast: Cast, client_of) -> None:
    client = client_of(cast.admin)
    assert client.post(reverse("tag-create"), {"name": "紧急", "colour": "bad"}).status_code == 302
    assert client.post(reverse("tag-create"), {"name": "紧急", "colour": ""}).status_code == 422
    tag = Tag.objects.get()
    sent = {"name": "特急", "name_en": "Urgent", "colour": "warn", "is_active": ""}
    assert client.post(reverse("tag-detail", args=[tag.pk]), sent).status_code == 302
    tag.refresh_from_db()
    assert (tag.name, tag.code, tag.is_active) == ("特急", "紧急", False)
    assert "特急" in client.get(reverse("tag-list")).content.decode()
    assert client_of(cast.agent).get(reverse("tag-list")).status_code == 403
