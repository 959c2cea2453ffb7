"""A one-time code: who gets one, what opens with it, and how often it may be tried."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cast import Cast
from onepoint.channels import services as channels
from onepoint.channels.models import Gateway, OutgoingMessage
from onepoint.core import clock
from onepoint.core.throttling import TooManyTries
from onepoint.customers import services as customers
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.portal import limits, policies, queries, services
from onepoint.portal.addressing import NotAnAddress, address_from
from onepoint.portal.models import OneTimeCode, PortalSession
from portal.conftest import MAIL, MOBILE, NETWORK, STRANGERS, code_sent_to, entered, forget_limits, verbs_about

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    ["", "abc", "110", "0571-88888888", "+1 202 555 0143", "00447911123456", "a@b", "x" * 200, "@", "1380013800\x00"],
)
def test_only_mobiles_of_the_country_and_e_mail_addresses_get_a_code(text: str) -> None:
    with pytest.raises(NotAnAddress):
        address_from(text)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "１３８００１３８０００",
        " 13800138000 ",
    ],
)
def test_every_way_to_write_a_number_is_the_same_number(text: str) -> None:
    assert address_from(text) == address_from(MOBILE)


def test_an_address_is_shown_masked() -> None:
    assert address_from(MOBILE).masked == "138****8000"
    assert address_from("Li@Example.com").masked == "l****@example.com"


def test_a_code_leaves_urgently_and_is_readable_by_nobody(gateways: None) -> None:
    code = services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    message = OutgoingMessage.objects.get(key=f"portal-code-{code.token}")
    assert (message.medium, message.address, message.is_urgent) == ("sms", "+8613800138000", True)
    assert message.is_confidential
    assert message.shown_text == ""
    assert message.expires_at == code.expires_at
    assert code_sent_to(MOBILE) not in code.digest


def test_a_known_and_an_unknown_number_are_answered_alike(gateways: None, customer: Customer) -> None:
    codes = [services.ask_code(address_from(text), network=NETWORK, by=None) for text in (MOBILE, STRANGERS)]
    messages = [OutgoingMessage.objects.get(key=f"portal-code-{code.token}") for code in codes]
    assert len({message.text.replace(code_sent_to(message.address), "") for message in messages}) == 1
    assert entered(STRANGERS).customer is None


def test_the_right_code_opens_a_session_of_the_customer(gateways: None, customer: Customer) -> None:
    code = services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    got = services.enter_code(code, digits=f" {code_sent_to(MOBILE)} ", network=NETWORK)
    assert got.session.customer == customer
    assert queries.session_of(got.secret) == got.session
    assert got.secret not in got.session.digest
    assert "portal.entered" in verbs_about("customer", customer.pk)


def test_a_wrong_code_opens_nothing_and_says_how_often_one_may_try(gateways: None) -> None:
    code = services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    wrong = f"{(int(code_sent_to(MOBILE)) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1):
        with pytest.raises(policies.WrongCode) as refusal:
            services.enter_code(code, digits=wrong, network=NETWORK)
        assert refusal.value.details == {"left": left}
    with pytest.raises(policies.CodeOver):
        services.enter_code(code, digits=wrong, network=NETWORK)
    with pytest.raises(policies.CodeOver):
        services.enter_code(code, digits=code_sent_to(MOBILE), network=NETWORK)
    assert not PortalSession.objects.exists()


@pytest.mark.parametrize("digits", ["", "abcdef", "12345", "1234567", "０１２３４５", "\x00", "' OR 1=1"])
def test_what_is_no_code_opens_nothing(gateways: None, digits: str) -> None:
    code = services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    with pytest.raises(policies.WrongCode):
        services.enter_code(code, digits=digits, network=NETWORK)


def test_a_code_opens_once(gateways: None) -> None:
    code = services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    digits = code_sent_to(MOBILE)
    services.enter_code(code, digits=digits, network=NETWORK)
    with pytest.raises(policies.CodeOver):
        services.enter_code(code, digits=digits, network=NETWORK)
    assert PortalSession.objects.count() == 1


def test_a_code_lives_for_five_minutes(gateways: None) -> None:
    began = clock.now()
    with clock.at(began):
        code = services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    with clock.at(began + timedelta(minutes=5)):
        assert queries.find_code(code.token) is None
        with pytest.raises(policies.CodeOver):
            services.enter_code(code, digits=code_sent_to(MOBILE), network=NETWORK)


def test_a_new_code_ends_the_one_before(gateways: None) -> None:
    first = services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    old = code_sent_to(MOBILE)
    forget_limits()
    services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    with pytest.raises(policies.CodeOver):
        services.enter_code(first, digits=old, network=NETWORK)


def test_a_code_of_one_number_does_not_open_another(gateways: None) -> None:
    services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    other = services.ask_code(address_from(STRANGERS), network=NETWORK, by=None)
    if code_sent_to(MOBILE) != code_sent_to(STRANGERS):
        with pytest.raises(policies.WrongCode):
            services.enter_code(other, digits=code_sent_to(MOBILE), network=NETWORK)
    assert queries.find_code(other.token) == other


def test_codes_to_one_number_are_limited_by_minute_hour_and_day(gateways: None) -> None:
    began, sent = clock.now(), 0
    for minute in range(24 * 60):
        if minute % 5 and minute > 10:
            continue
        with clock.at(began + timedelta(minutes=minute)):
            for _again in range(2):
                try:
                    services.ask_code(address_from(MOBILE), network=f"198.51.100.{minute % 200}", by=None)
                    sent += 1
                except TooManyTries:
                    pass
        if minute == 59:
            assert sent == 5
    assert sent == 10


def test_codes_asked_for_from_one_network_are_limited(gateways: None) -> None:
    (limit,) = limits.CODES_FROM_NETWORK
    numbers = [f"1380013{number:04d}" for number in range(limit.count + 5)]
    sent = 0
    for number in numbers:
        try:
            services.ask_code(address_from(number), network=NETWORK, by=None)
            sent += 1
        except TooManyTries:
            continue
    assert sent == limit.count
    services.ask_code(address_from(STRANGERS), network="198.51.100.1", by=None)


def test_where_no_gateway_is_on_nothing_is_sent_and_that_is_said(gateways: None) -> None:
    for gateway in Gateway.objects.filter(medium="sms"):
        channels.switch_gateway(gateway, on=False, by=None)
    with pytest.raises(policies.NoWayForCode):
        services.ask_code(address_from(MOBILE), network=NETWORK, by=None)
    assert not OneTimeCode.objects.exists()
    services.ask_code(address_from(MAIL), network=NETWORK, by=None)


def test_a_session_ends_by_leaving_by_idling_and_after_half_a_day(gateways: None) -> None:
    session = entered()
    services.end_session(session, by=session)
    session.refresh_from_db()
    assert not session.is_open
    other = entered(STRANGERS)
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert not other.is_open
    with clock.at(clock.now() + timedelta(hours=12, minutes=1)):
        other.seen_at = clock.now()
        assert not other.is_open


def test_a_number_two_customers_have_opens_neither(gateways: None, cast: Cast, customer: Customer) -> None:
    customers.create_customer(
        by=cast.agent, name="王大明", region=cast.east, accounts=[NewAccount(MOBILE)], despite_duplicates=True
    )
    assert entered().customer is None


def test_a_contact_person_speaks_for_a_company_but_not_for_a_person(
    gateways: None, cast: Cast, customer: Customer
) -> None:
    customers.add_contact_person(customer, by=cast.agent, name="李夫人", phone=STRANGERS, email=MAIL)
    assert entered(STRANGERS).customer is None
    assert entered(MAIL).customer is None
    firm = customers.create_customer(by=cast.agent, name="东方机械", kind="company", region=cast.east)
    customers.add_contact_person(firm, by=cast.agent, name="张经理", phone="13700137000", email="zhang@firm.example")
    assert entered("13700137000").customer == firm
    assert entered("Zhang@Firm.example").customer == firm


def test_a_telephone_of_a_company_does_not_open_all_of_its_tickets(gateways: None, cast: Cast) -> None:
    firm = customers.create_customer(
        by=cast.agent, name="东方机械", kind="company", region=cast.east, accounts=[NewAccount("13700137000")]
    )
    assert entered("13700137000").customer is None
    assert firm.accounts.count() == 1


def test_a_closed_number_opens_nothing(gateways: None, cast: Cast, customer: Customer) -> None:
    account = customer.accounts.get(value=MOBILE)
    customers.close_account(account, version=account.version, by=cast.agent)
    assert entered().customer is None


@pytest.mark.django_db
def test_what_is_over_is_forgotten(gateways: None, register: Callable[..., object]) -> None:
    entered()
    with clock.at(clock.now() + timedelta(days=3)):
        assert services.forget_old() == 2
    assert not OneTimeCode.objects.exists()
    assert not PortalSession.objects.exists()
