import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onepoint.channels import queries


@pytest.mark.parametrize(
    "text", ["上网", "光猫", "宽带 网页", "重启光猫", "057188888888", "+86 571 8888 8888", "88888888", "王小明", "慢"]
)
def test_a_contact_is_found_by_what_was_said_and_who_called(text, cast, contact):
    assert queries.find_contacts(text, visible_to=cast.second_agent) == [contact]


@pytest.mark.parametrize("text", ["", "电视", "01088888888", "网慢页"])
def test_other_words_find_nothing(text, cast, contact):
    assert queries.find_contacts(text, visible_to=cast.agent) == []


def test_the_number_finds_it(cast, contact):
    assert queries.find_contacts(contact.number, visible_to=cast.agent) == [contact]
    assert queries.find_contact(contact.number, visible_to=cast.agent) == contact


@pytest.mark.parametrize("who", ["outsider", "handler"])
def test_others_find_nothing(cast, contact, customer, who):
    person = getattr(cast, who)
    assert queries.find_contacts("上网", visible_to=person) == []
    assert queries.find_contact(contact.number, visible_to=person) is None
    assert queries.contacts_of(customer, visible_to=person) == []


def test_the_customers_contacts_stand_newest_first(cast, customer, contact):
    assert queries.contacts_of(customer, visible_to=cast.visitor) == [contact]


@pytest.mark.parametrize("text", ["13800138000", "上网"])
def test_what_is_looked_for_and_what_one_may_see_are_asked_of_one_index(cast, text):
    """Else a number takes as long as there are contacts of the reader's city."""
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        queries.find_contacts(text, visible_to=cast.agent)
        statement = next(one["sql"] for one in captured.captured_queries if "audience" in one["sql"])
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")  # as if there were a million
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "contact_keys_by_week" in plan, plan
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "search_keys" in condition, plan
    assert "audience" in condition, plan
