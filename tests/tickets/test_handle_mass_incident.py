"""One cause, many complaints: declared, attached, handled once through the lead ticket, answered to everybody once."""

from datetime import timedelta

import pytest

from onepoint.channels.models import OutgoingMessage
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customer_services
from onepoint.customers.services import NewAccount
from onepoint.notifications.models import Notification
from onepoint.tickets import mass_incident_rights as rights
from onepoint.tickets import mass_incidents, policies, services
from onepoint.tickets.batch_states import AnswerState, AttachmentState, BatchState, IncidentState, ItemState
from onepoint.tickets.models import AttachedTicket, BatchItem, MassIncident, ToldCustomer
from onepoint.workflow.errors import ProcessSuspended
from onepoint.workflow.states import InstanceStatus
from tickets.conftest import again, do, fresh, task_at, verbs_of


@pytest.fixture
def items(cast, categories):
    def make(**more):
        values = {
            "title": "东市计费系统重复扣费",
            "regions": [cast.east],
            "since": clock.now() - timedelta(hours=1),
            "category": categories["billing"],
            "public_words": "我们已发现问题，预计今晚修复。",
            **more,
        }
        return services.IncidentItems(**values)

    return make


@pytest.fixture
def incident(cast, items, register):
    """Declared from the first complaint, which leads it."""
    return services.declare_incident(items(), lead=register(title="扣费异常，先到的一单"), by=fresh(cast.coordinator))


def customer(cast, name, *accounts):
    return customer_services.create_customer(by=cast.agent, name=name, region=cast.east, accounts=list(accounts))


def ran(run):
    services.run_batch(run.pk, by=None)
    run.refresh_from_db()
    assert run.state == BatchState.DONE
    return run


def reasons(run):
    return dict(BatchItem.objects.filter(run=run).values_list("ticket__number", "reason"))


def states(run):
    return set(BatchItem.objects.filter(run=run).values_list("state", flat=True))


# --- declaring ----------------------------------------------------------------------------------------------------


def test_it_is_declared_journaled_and_led_by_its_first_ticket(cast, incident):
    assert incident.number.startswith("MI")
    assert incident.state == IncidentState.DECLARED
    told = AuditEntry.objects.filter(subject_type="mass_incident", subject_id=incident.pk).order_by("id")
    assert list(told.values_list("verb", flat=True)) == ["mass_incident.declared", "mass_incident.led"]
    assert "ticket.leads_incident" in verbs_of(incident.lead_ticket)


def test_who_does_not_answer_for_the_regions_may_not_declare(cast, items):
    with pytest.raises(rights.OutsideYourPlaces):
        services.declare_incident(items(), by=fresh(cast.outsider))
    with pytest.raises(NotPermitted):
        services.declare_incident(items(), by=fresh(cast.agent))
    assert not MassIncident.objects.exists()


def test_all_that_is_wrong_is_said_at_once(cast, items):
    with pytest.raises(InvalidInput) as refusal:
        services.declare_incident(
            items(title=" ", category=None, since=clock.now() + timedelta(hours=1)), by=fresh(cast.coordinator)
        )
    assert set(refusal.value.errors) == {"title", "category", "since"}


def test_people_of_another_city_do_not_see_it(cast, incident):
    assert mass_incidents.find_incident(incident.number, visible_to=fresh(cast.agent)) == incident
    assert mass_incidents.find_incident(incident.number, visible_to=fresh(cast.outsider)) is None


def test_two_who_change_it_at_once_lose_nothing(cast, incident, items):
    services.change_incident(incident, items(cause="割接失误"), version=incident.version, by=fresh(cast.coordinator))
    from onepoint.core.errors import SomebodyWasFaster

    with pytest.raises(SomebodyWasFaster):
        services.change_incident(incident, items(title="别的"), version=incident.version, by=fresh(cast.coordinator))
    incident.refresh_from_db()
    assert (incident.cause, incident.title) == ("割接失误", "东市计费系统重复扣费")


# --- attaching ----------------------------------------------------------------------------------------------------


def test_an_attached_ticket_rests_and_nobody_can_work_on_it(cast, incident, register):
    ticket = register()
    services.attach_ticket(incident, ticket, by=fresh(cast.agent))
    now = again(ticket)
    assert (now.status, now.process_instance.status) == ("on_hold", InstanceStatus.SUSPENDED)
    assert incident.number in now.hold_reason
    with pytest.raises(ProcessSuspended):
        do(ticket, "coordinate", cast.coordinator, "finish")
    with pytest.raises(policies.HandledWithIncident):
        services.resume_ticket(again(ticket), by=fresh(cast.coordinator))
    assert "ticket.attached_to_incident" in verbs_of(ticket)


def test_where_clocks_are_to_run_on_the_ticket_keeps_its_status(cast, items, register):
    incident = services.declare_incident(items(clocks_stand_still=False), by=fresh(cast.coordinator))
    ticket = register()
    services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    assert again(ticket).status == "open"
    assert again(ticket).process_instance.status == InstanceStatus.SUSPENDED


def test_detached_it_goes_on_where_it_was(cast, incident, register):
    ticket = register()
    before = task_at(ticket, "coordinate").pk
    services.attach_ticket(incident, ticket, by=fresh(cast.agent))
    with pytest.raises(NotPermitted):
        services.detach_ticket(ticket, by=fresh(cast.agent))
    services.detach_ticket(ticket, by=fresh(cast.coordinator))
    assert (again(ticket).status, task_at(ticket, "coordinate").pk) == ("open", before)
    do(ticket, "coordinate", cast.coordinator, "finish")
    with pytest.raises(rights.NotAttached):
        services.detach_ticket(ticket, by=fresh(cast.coordinator))


def test_a_rest_of_its_own_goes_on_after_detaching(cast, incident, register):
    ticket, until = register(), clock.now() + timedelta(days=2)
    services.put_on_hold(ticket, reason="等客户回家", until=until, waits_for_customer=True, by=fresh(cast.coordinator))
    services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    assert (again(ticket).on_hold_until, incident.number in again(ticket).hold_reason) == (None, True)
    services.detach_ticket(ticket, by=fresh(cast.coordinator))
    now = again(ticket)
    assert (now.status, now.hold_reason, now.on_hold_until, now.waits_for_customer) == (
        "on_hold",
        "等客户回家",
        until,
        True,
    )


def test_a_ticket_belongs_to_one_mass_incident(cast, incident, items, register):
    ticket = register()
    services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    other = services.declare_incident(items(title="另一件"), by=fresh(cast.coordinator))
    with pytest.raises(rights.AttachedElsewhere):
        services.attach_ticket(other, ticket, by=fresh(cast.coordinator))
    with pytest.raises(rights.LeadsTheIncident):
        services.attach_ticket(incident, incident.lead_ticket, by=fresh(cast.coordinator))
    services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    assert AttachedTicket.objects.filter(ticket=ticket).count() == 1


def test_a_finished_ticket_is_not_attached(cast, incident, register):
    ticket = register()
    services.withdraw_ticket(ticket, reason="不需要了", by=fresh(cast.agent))
    with pytest.raises(policies.TicketFinished):
        services.attach_ticket(incident, again(ticket), by=fresh(cast.coordinator))


def test_the_tickets_there_are_that_match_are_attached_together(cast, incident, register, categories):
    matching = [register(), register()]
    other_words = register(category=categories["bb_drops"], kind="complaint", special_items={"account": "B1"})
    foreign = register(by=cast.outsider)
    found = set(mass_incidents.matching_tickets(incident, visible_to=fresh(cast.coordinator)))
    assert found == set(matching)
    run = ran(services.attach_matching(incident, by=fresh(cast.coordinator)))
    assert (run.total, states(run)) == (2, {ItemState.DONE})
    attached = AttachedTicket.objects.filter(state=AttachmentState.ATTACHED).values_list("ticket_id", flat=True)
    assert set(attached) == {ticket.pk for ticket in matching}
    assert {again(other_words).status, again(foreign).status} == {"open"}


def test_words_narrow_what_matches(cast, items, register):
    register(title="话费突然多了")
    repeated = register(title="被重复扣费三次")
    incident = services.declare_incident(items(keywords=["重复扣费"]), by=fresh(cast.coordinator))
    assert list(mass_incidents.matching_tickets(incident, visible_to=fresh(cast.coordinator))) == [repeated]


def test_a_new_matching_ticket_is_suggested(cast, incident, register):
    ticket = register()
    assert AttachedTicket.objects.get(ticket=ticket).state == AttachmentState.SUGGESTED
    assert again(ticket).status == "open"
    services.reject_suggestion(incident, ticket, by=fresh(cast.coordinator))
    assert ticket not in mass_incidents.matching_tickets(incident, visible_to=fresh(cast.coordinator))


def test_a_new_matching_ticket_is_attached_by_itself_where_that_is_wished(cast, items, register):
    from procrastinate.contrib.django.models import ProcrastinateJob

    incident = services.declare_incident(items(attaches_by_itself=True), by=fresh(cast.coordinator))
    ticket = register()
    job = ProcrastinateJob.objects.get(task_name="tickets.attach_to_incident")
    assert job.args == {"incident_id": incident.pk, "ticket_id": ticket.pk}
    assert services.attach_by_itself(**job.args, by=None)
    assert again(ticket).status == "on_hold"
    assert services.attach_by_itself(**job.args, by=None)
    assert AttachedTicket.objects.get(ticket=ticket).state == AttachmentState.ATTACHED


def test_an_intake_is_offered_what_it_may_be_about(cast, incident, categories):
    assert mass_incidents.open_incidents_for(categories["bl_high"], cast.east, "") == [incident]
    assert mass_incidents.open_incidents_for(categories["bl_high"], cast.west, "") == []
    assert mass_incidents.open_incidents_for(categories["bb_drops"], cast.east, "掉线") == []


# --- handling and answering --------------------------------------------------------------------------------------


def test_the_lead_ticket_moves_the_incident_and_who_declared_it_is_asked_for_the_answer(cast, incident):
    services.resolve_ticket(incident.lead_ticket, reason="已退费", by=fresh(cast.coordinator))
    incident.refresh_from_db()
    assert (incident.state, incident.resolved_count) == (IncidentState.RESOLVED, 1)
    assert Notification.objects.filter(person=cast.coordinator, event="mass_incident.resolved").count() == 1


def test_nobody_is_answered_before_it_is_resolved(cast, incident, register):
    services.attach_ticket(incident, register(), by=fresh(cast.coordinator))
    with pytest.raises(rights.IncidentNotInThatState):
        services.answer_attached(incident, text="已修复", by=fresh(cast.coordinator))


@pytest.fixture
def three_ways(cast, incident, register):
    """Four tickets of three customers: one by SMS with two tickets, one by e-mail, one who has to be called."""
    zhang = customer(cast, "张三", NewAccount("13900000001"))
    li = customer(cast, "李四", NewAccount("li@example.com", "email"))
    tickets = {
        "sms": register(customer=zhang, contact_phone="13900000001", promised_reply_channel="sms"),
        "sms_again": register(customer=zhang, contact_phone="13900000001", promised_reply_channel="sms"),
        "email": register(customer=li, promised_reply_channel="email"),
        "call": register(contact_phone="0571-88880000", contact_name="王五", promised_reply_channel="phone"),
    }
    for ticket in tickets.values():
        services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    services.resolve_incident(incident, conclusion="计费规则已修正", by=fresh(cast.coordinator))
    incident.refresh_from_db()
    return tickets


def test_every_customer_is_answered_once_by_his_way_and_the_tickets_are_closed(cast, incident, three_ways):
    run = ran(
        services.answer_attached(incident, text="{customer}您好，{ticket} 已处理完毕。", by=fresh(cast.coordinator))
    )
    assert states(run) == {ItemState.DONE}
    sent = {message.medium: message for message in OutgoingMessage.objects.filter(about_type="ticket")}
    assert set(sent) == {"sms", "email"}
    assert OutgoingMessage.objects.filter(about_type="ticket").count() == 2
    assert sent["email"].text == f"李四您好，{three_ways['email'].number} 已处理完毕。"
    assert {name: again(ticket).status for name, ticket in three_ways.items()} == {
        "sms": "closed", "sms_again": "closed", "email": "closed", "call": "on_hold",
    }  # fmt: skip
    both = [verbs_of(three_ways[name]) for name in ("sms", "sms_again")]
    assert sorted("ticket.customer_told" in verbs for verbs in both) == [False, True]
    assert sorted("ticket.customer_told_with" in verbs for verbs in both) == [False, True]
    assert again(three_ways["sms"]).process_instance.status != InstanceStatus.SUSPENDED
    assert ToldCustomer.objects.filter(incident=incident).count() == 4  # the lead ticket's too


def test_answering_again_tells_nobody_twice(cast, incident, three_ways):
    for _time in range(2):
        ran(services.answer_attached(incident, text="已处理", by=fresh(cast.coordinator)))
    assert OutgoingMessage.objects.filter(about_type="ticket").count() == 2


def test_whoever_has_to_be_called_stays_on_the_list_until_somebody_called(cast, incident, three_ways):
    ran(services.answer_attached(incident, text="已处理", by=fresh(cast.coordinator)))
    row = AttachedTicket.objects.get(ticket=three_ways["call"])
    assert row.answer == AnswerState.TO_CALL
    with pytest.raises(rights.StillAttached):
        services.close_incident(incident, by=fresh(cast.coordinator))
    with pytest.raises(InvalidInput):
        services.note_call(row, words=" ", by=fresh(cast.coordinator))
    assert services.note_call(row, words="已电话告知", by=fresh(cast.coordinator)) == 1
    assert again(three_ways["call"]).status == "closed"
    with pytest.raises(rights.NotToBeCalled):
        services.note_call(row, words="再打一次", by=fresh(cast.coordinator))
    services.close_incident(incident, by=fresh(cast.coordinator))
    incident.refresh_from_db()
    assert incident.state == IncidentState.CLOSED


def test_how_it_stands_is_told_once_a_time_and_closes_nothing(cast, incident, register):
    zhang = customer(cast, "张三", NewAccount("13900000001"))
    tickets = [register(customer=zhang, contact_phone="13900000001", promised_reply_channel="sms") for _n in range(2)]
    for ticket in tickets:
        services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    for count in (1, 2):
        run = ran(services.tell_attached(incident, text="仍在抢修", by=fresh(cast.coordinator)))
        assert OutgoingMessage.objects.filter(about_type="ticket").count() == count
        assert any("ticket.customer_told" in verbs_of(ticket) for ticket in tickets)
        services.repeat_batch(run, by=fresh(cast.coordinator))
        ran(run)
        assert OutgoingMessage.objects.filter(about_type="ticket").count() == count
    assert {again(ticket).status for ticket in tickets} == {"on_hold"}


def test_customers_are_written_to_in_their_language(cast, incident, register):
    smith = customer_services.create_customer(
        by=cast.agent, name="Smith", region=cast.east, language="en", accounts=[NewAccount("13900000009")]
    )
    ticket = register(customer=smith, contact_phone="13900000009", promised_reply_channel="sms")
    services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    ran(services.tell_attached(incident, text="仍在抢修", text_en="Still at it", by=fresh(cast.coordinator)))
    assert OutgoingMessage.objects.get(about_id=ticket.pk).text == "Still at it"


def test_taken_up_again_it_owes_another_answer(cast, incident, three_ways, register):
    ran(services.answer_attached(incident, text="已处理", closes=False, by=fresh(cast.coordinator)))
    services.take_up_again(incident, reason="又出现了", by=fresh(cast.coordinator))
    services.resolve_incident(incident, conclusion="这次修好了", by=fresh(cast.coordinator))
    incident.refresh_from_db()
    ran(services.answer_attached(incident, text="这次修好了", by=fresh(cast.coordinator)))
    assert OutgoingMessage.objects.filter(about_type="ticket", medium="sms").count() == 2


def test_an_answered_ticket_can_be_reopened(cast, incident, three_ways):
    ran(services.answer_attached(incident, text="已处理", by=fresh(cast.coordinator)))
    ticket = again(three_ways["sms"])
    services.reopen_ticket(ticket, reason="还是扣了", by=fresh(cast.coordinator))
    assert again(ticket).status in ("open", "handling")
    assert task_at(ticket, "coordinate")


def test_a_suggestion_is_refused_on_the_page_of_the_ticket_and_not_made_again(cast, incident, register, client_of):
    ticket = register()
    address = f"/tickets/{ticket.number}/mass-incidents/"
    clerk = client_of(cast.coordinator)
    assert f"{address}reject/" in clerk.get(address).content.decode()
    assert client_of(cast.outsider).post(f"{address}reject/", {"incident": incident.number}).status_code == 404
    assert client_of(cast.handler).post(f"{address}reject/", {"incident": incident.number}).status_code in (403, 404)
    clerk.post(f"{address}reject/", {"incident": incident.number})
    assert AttachedTicket.objects.get(ticket=ticket).state == AttachmentState.REJECTED
    assert f"{address}reject/" not in clerk.get(address).content.decode()
    assert AuditEntry.objects.filter(verb="ticket.kept_out_of_incident", subject_id=ticket.pk).count() == 1
    clerk.post(f"{address}reject/", {"incident": incident.number})
    assert AuditEntry.objects.filter(verb="ticket.kept_out_of_incident", subject_id=ticket.pk).count() == 1


def test_what_only_looks_alike_is_refused_for_good_too(cast, incident, register):
    ticket = register()
    AttachedTicket.objects.filter(ticket=ticket).delete()
    services.reject_suggestion(incident, ticket, by=fresh(cast.coordinator))
    assert ticket not in mass_incidents.matching_tickets(incident, visible_to=fresh(cast.coordinator))


def test_refusing_does_not_take_an_attached_ticket_away(cast, incident, register):
    ticket = register()
    services.attach_ticket(incident, ticket, by=fresh(cast.coordinator))
    services.reject_suggestion(incident, ticket, by=fresh(cast.coordinator))
    assert AttachedTicket.objects.get(ticket=ticket).state == AttachmentState.ATTACHED
