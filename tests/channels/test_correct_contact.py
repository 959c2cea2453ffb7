from datetime import timedelta

import pytest

from onepoint.accounts.models import Role
from onepoint.accounts.policies import OutsideYourScope
from onepoint.channels import category_names, policies, services
from onepoint.channels.category_names import CategoryTree
from onepoint.channels.models import Contact
from onepoint.channels.states import ContactOutcome
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.customers import services as customer_services


@pytest.fixture(autouse=True)
def tree(monkeypatch):
    """Two categories, one below the other."""
    names = {"net": "宽带", "slow": "宽带 / 网速慢"}
    given = CategoryTree(
        lambda codes: {code: names[code] for code in codes if code in names},
        lambda code: ["net", "slow"] if code == "net" else [code],
        lambda: list(names.items()),
    )
    monkeypatch.setattr(category_names, "_tree", [given])


def again(contact):
    return Contact.objects.get(pk=contact.pk)


def verbs(contact):
    return [entry.verb for entry in audit.entries_of("contact", contact.pk)]


def test_a_contact_can_be_about_several_tickets(cast, contact):
    services.add_ticket(contact, ticket_number="TS1", by=cast.agent)
    services.add_ticket(contact, ticket_number="TS2", by=cast.agent)
    services.add_ticket(contact, ticket_number="TS2", by=cast.agent)
    stored = again(contact)
    assert (stored.outcome, stored.ticket_numbers) == (ContactOutcome.TICKET, ["TS1", "TS2"])
    assert stored.duration is not None
    assert verbs(contact).count("contact.ticket_added") == 2


def test_a_solved_contact_stays_solved_when_a_ticket_is_linked(cast, contact):
    services.solve_contact(contact, by=cast.agent)
    services.add_ticket(contact, ticket_number="TS1", by=cast.second_agent)
    assert again(contact).outcome == ContactOutcome.SOLVED


def test_only_what_was_linked_afterwards_is_taken_off(cast, contact):
    services.link_ticket(contact, ticket_number="TS1", by=cast.agent)
    services.add_ticket(contact, ticket_number="TS2", by=cast.agent)
    for number in ("TS2", "TS1"):
        services.remove_ticket(contact, ticket_number=number, by=cast.agent)
    assert again(contact).ticket_numbers == ["TS1"]


def test_more_tickets_than_one_talk_can_hold_are_refused(cast, contact):
    Contact.objects.filter(pk=contact.pk).update(further_tickets=[f"TS{n}" for n in range(50)])
    with pytest.raises(InvalidInput):
        services.add_ticket(contact, ticket_number="TS99", by=cast.agent)


@pytest.mark.parametrize("who", ["outsider", "handler"])
def test_somebody_from_elsewhere_links_nothing(cast, contact, who):
    with pytest.raises((OutsideYourScope, NotPermitted)):
        services.add_ticket(contact, ticket_number="TS1", by=getattr(cast, who))
    assert not again(contact).ticket_numbers


def test_the_agent_corrects_the_category_within_some_hours(cast, contact):
    services.correct_contact(contact, category_code="slow", by=cast.agent)
    assert again(contact).category_code == "slow"
    assert verbs(contact)[-1] == "contact.corrected"
    with clock.at(clock.now() + timedelta(hours=25)), pytest.raises(policies.CorrectedTooLate):
        services.correct_contact(contact, category_code="net", by=cast.agent)
    services.change_journal_rule(correct_hours=48, by=None)
    with clock.at(clock.now() + timedelta(hours=25)):
        services.correct_contact(contact, category_code="net", by=cast.agent)


def test_a_colleague_corrects_only_with_the_permission(cast, contact):
    with pytest.raises(NotPermitted):
        services.correct_contact(contact, category_code="slow", by=cast.second_agent)
    role = Role.objects.get(code="supervisor")
    Role.objects.filter(pk=role.pk).update(permissions=[*role.permissions, "contact.correct"])
    with clock.at(clock.now() + timedelta(days=30)):
        services.correct_contact(contact, category_code="slow", by=cast.supervisor)
    assert again(contact).category_code == "slow"


def test_an_unknown_category_is_refused(cast, contact):
    with pytest.raises(InvalidInput):
        services.correct_contact(contact, category_code="nonsense", by=cast.agent)


def test_somebody_unknown_gets_a_customer_once(cast, customer):
    contact = services.journal_contact(by=cast.agent, channel="hotline", subject="问", caller_number="13900139000")
    services.name_customer(contact, customer, by=cast.agent)
    stored = again(contact)
    assert stored.customer == customer
    assert f"R{customer.region_id}" in stored.audience
    other = customer_services.create_customer(by=cast.agent, name="李四", region=cast.east)
    with pytest.raises(policies.CustomerKnown):
        services.name_customer(stored, other, by=cast.agent)


def test_a_solution_carries_its_result(cast, contact):
    result = services.create_contact_result(code="explained", name="已解释", name_en="Explained", by=None)
    services.solve_contact(contact, result=result, result_text="解释了套餐规则", category_code="slow", by=cast.agent)
    stored = again(contact)
    assert (stored.result, stored.result_text, stored.category_code) == (result, "解释了套餐规则", "slow")


def test_the_house_may_ask_for_category_and_result(cast, contact):
    services.change_journal_rule(needs_result=True, by=None)
    with pytest.raises(InvalidInput) as refusal:
        services.solve_contact(contact, by=cast.agent)
    assert set(refusal.value.errors) == {"category", "result"}
    assert again(contact).outcome == ContactOutcome.OPEN
    services.solve_contact(contact, by=None)


def test_results_and_rules_are_kept_by_those_who_may(cast):
    for change in (
        lambda: services.create_contact_result(code="x", name="x", by=cast.agent),
        lambda: services.change_journal_rule(repeat_days=3, by=cast.agent),
    ):
        with pytest.raises(NotPermitted):
            change()
    result = services.create_contact_result(code="told", name="已答复", by=None)
    with pytest.raises(InvalidInput):
        services.create_contact_result(code="told", name="又一个", by=None)
    services.change_contact_result(result, is_active=False, by=None)
    with pytest.raises(InvalidInput):
        services.change_journal_rule(repeat_days=0, by=None)
    assert [entry.verb for entry in audit.entries_of("contact_result", result.pk)] == [
        "contact_result.created", "contact_result.changed",
    ]  # fmt: skip
