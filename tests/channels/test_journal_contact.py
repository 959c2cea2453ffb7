from datetime import UTC, datetime

import pytest

from onepoint.channels import policies, queries, services, signals
from onepoint.channels.models import Contact
from onepoint.channels.states import ContactOutcome
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster


def verbs(contact):
    return [entry.verb for entry in audit.entries_of("contact", contact.pk)]


def test_a_contact_takes_region_and_unit_from_customer_and_agent(cast, customer, contact):
    assert contact.number.startswith("CT20")
    assert (contact.region, contact.unit, contact.agent) == (cast.east, cast.call_centre, cast.agent)
    assert contact.caller_key == "+8657188888888"
    assert set(contact.audience) == {f"P{cast.agent.pk}", f"U{cast.call_centre.pk}", f"R{cast.east.pk}"}
    assert verbs(contact) == ["contact.journaled"]


def test_a_contact_of_an_unknown_caller_is_journaled_too(cast):
    contact = services.journal_contact(by=cast.agent, channel="hall", subject="问营业时间", outcome="solved")
    assert contact.customer is None
    assert contact.region == cast.east


def test_a_contact_begins_at_the_recorded_moment(cast):
    moment = datetime(2015, 4, 22, 3, tzinfo=UTC)
    with clock.at(moment):
        contact = services.journal_contact(by=cast.agent, channel="email", subject="账单")
    assert contact.started_at == moment
    assert contact.number.startswith("CT20150422")


def test_journaling_is_announced(cast):
    heard = []

    def listen(sender, contact, by, **more):
        heard.append((contact.subject, by))

    signals.contact_journaled.connect(listen)
    try:
        services.journal_contact(by=cast.agent, channel="sms", subject="退订")
    finally:
        signals.contact_journaled.disconnect(listen)
    assert heard == [("退订", cast.agent)]


def test_somebody_without_the_permission_may_not_journal(cast):
    with pytest.raises(NotPermitted):
        services.journal_contact(by=cast.handler, channel="hotline", subject="x")
    assert not Contact.objects.exists()


@pytest.mark.parametrize(("values", "field"), [({"subject": " "}, "subject"), ({"channel": "pigeon"}, "channel")])
def test_what_cannot_be_stored_is_refused_by_field(cast, values, field):
    with pytest.raises(InvalidInput) as refusal:
        services.journal_contact(**{"by": cast.agent, "channel": "hotline", "subject": "x", **values})
    assert field in refusal.value.errors


def test_a_ticket_is_linked_once(cast, contact):
    services.link_ticket(contact, by=cast.agent, ticket_number="TS20261122000001")
    stored = Contact.objects.get(pk=contact.pk)
    assert (stored.outcome, stored.ticket_number) == (ContactOutcome.TICKET, "TS20261122000001")
    assert stored.ended_at is not None
    assert verbs(contact)[-1] == "contact.became_ticket"
    assert queries.find_contacts("TS20261122000001", visible_to=cast.agent) == [contact]
    with pytest.raises(policies.ContactAlreadySettled):
        services.link_ticket(contact, by=cast.agent, ticket_number="TS20261122000002")


def test_the_second_of_two_who_settle_is_told(cast, contact):
    mine, theirs = Contact.objects.get(pk=contact.pk), Contact.objects.get(pk=contact.pk)
    services.solve_contact(mine, by=cast.agent)
    with pytest.raises(SomebodyWasFaster):
        services.link_ticket(theirs, by=cast.second_agent, ticket_number="TS1")
    assert verbs(contact)[-1] == "contact.solved"


@pytest.mark.parametrize("who", ["outsider", "handler", "supervisor"])
def test_somebody_else_does_not_settle_it(cast, contact, who):
    with pytest.raises(NotPermitted):
        services.solve_contact(contact, by=getattr(cast, who))
