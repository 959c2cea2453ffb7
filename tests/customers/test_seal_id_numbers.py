"""ID numbers are unreadable in the database, found by the whole number, and survive a change of the secret key."""

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection

from onepoint.accounts.models import SecondFactor
from onepoint.core import clock, sealing
from onepoint.core.sealed_fields import seal_text, unseal_text
from onepoint.core.verifying import run_checks
from onepoint.customers import queries, services
from onepoint.customers.models import Customer
from onepoint.customers.sealing_ids import seal_id_numbers

NUMBER = "330106198001011234"


@pytest.fixture
def customer(cast):
    return services.create_customer(name="钱多多", region=cast.east, id_number=NUMBER, by=cast.agent)


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(customer)::text FROM customers_customer AS customer")
        return cursor.fetchone()[0]


def faults():
    return [fault.text for report in run_checks(["customers.id-numbers"]) for fault in report.faults]


def test_no_column_of_the_row_shows_the_number(customer):
    assert NUMBER not in stored()
    assert NUMBER[6:] not in stored()
    assert Customer.objects.get(pk=customer.pk).id_number == NUMBER


def test_the_customer_is_found_by_the_whole_number_however_it_is_typed(cast, customer):
    for typed in (NUMBER, "3301 0619 8001 0112 34", NUMBER.replace("3", "３", 1)):
        assert [found.pk for found in queries.find_customers(typed, visible_to=cast.agent)] == [customer.pk], typed
    assert queries.find_customers("330106198001011235", visible_to=cast.agent) == []
    assert [same.pk for same in queries.possible_duplicates(visible_to=None, id_number=NUMBER)] == [customer.pk]


def test_the_same_number_never_looks_the_same_twice():
    assert seal_text(NUMBER) != seal_text(NUMBER)
    assert unseal_text(seal_text(NUMBER)) == NUMBER
    assert seal_text("") == ""


def test_a_text_that_looks_sealed_is_a_text_like_any_other(cast, customer):
    services.change_customer(customer, version=customer.version, id_number="s1:AAAA", by=cast.agent)
    assert Customer.objects.get(pk=customer.pk).id_number == "s1:AAAA"


def test_an_altered_seal_is_refused():
    sealed = seal_text(NUMBER)
    with pytest.raises(sealing.SealBroken):
        unseal_text(sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB"))


def test_nobody_filters_by_the_content(customer):
    with pytest.raises(FieldError):
        Customer.objects.filter(id_number__contains="1980").exists()


def test_numbers_from_before_there_were_seals_are_read_and_then_sealed(cast, customer):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET id_number = %s, id_key = %s, search_keys = search_keys || %s::varchar(80)",
            [NUMBER, NUMBER, NUMBER],
        )
    assert Customer.objects.get(pk=customer.pk).id_number == NUMBER
    assert faults() == ["the ID number is not sealed"]
    assert sum(seal_id_numbers()) == 1
    assert NUMBER not in stored()
    assert faults() == []
    assert [found.pk for found in queries.find_customers(NUMBER, visible_to=cast.agent)] == [customer.pk]


def test_after_a_change_of_the_secret_key_everything_is_sealed_anew(cast, customer, settings):
    SecondFactor.objects.create(
        user=cast.agent, sealed_secret=sealing.seal({"totp": "ABCDEFGH"}), set_up_at=clock.now()
    )
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key altogether, long enough for anybody"
    assert Customer.objects.get(pk=customer.pk).id_number == NUMBER
    assert faults() == ["the ID number is not found by its digest"]
    call_command("reseal", verbosity=0)
    settings.SECRET_KEY_FALLBACKS = []
    assert Customer.objects.get(pk=customer.pk).id_number == NUMBER
    assert sealing.unseal(SecondFactor.objects.get().sealed_secret) == {"totp": "ABCDEFGH"}
    assert faults() == []
    assert [found.pk for found in queries.find_customers(NUMBER, visible_to=cast.agent)] == [customer.pk]


def test_a_lost_key_is_noticed(customer, settings):
    settings.SECRET_KEY = "somebody lost the old key and made up this one"
    assert faults() == ["the ID number cannot be read with the present key"]
