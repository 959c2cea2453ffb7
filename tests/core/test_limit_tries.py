"""Tries are counted in the database: the documented figure holds, windows end, keys are not readable."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection

from onepoint.core import clock, throttling
from onepoint.core.models import TryCount

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_only_the_first_tries_of_a_window_are_within_the_limit() -> None:
    assert [throttling.within_limit("a", count=2, per=MINUTE) for _ in range(4)] == [True, True, False, False]


@pytest.mark.django_db
def test_each_key_is_counted_by_itself() -> None:
    assert throttling.within_limit("a", count=1, per=MINUTE)
    assert throttling.within_limit("b", count=1, per=MINUTE)


@pytest.mark.django_db
def test_counting_begins_anew_when_the_window_has_ended() -> None:
    began = clock.now()
    with clock.at(began):
        assert throttling.within_limit("a", count=1, per=MINUTE)
    with clock.at(began + MINUTE - timedelta(seconds=1)):
        assert not throttling.within_limit("a", count=1, per=MINUTE)
    with clock.at(began + MINUTE):
        assert throttling.within_limit("a", count=1, per=MINUTE)


@pytest.mark.django_db
def test_a_success_lets_counting_begin_anew() -> None:
    throttling.within_limit("a", count=1, per=MINUTE)
    throttling.forget_tries("a")
    assert throttling.within_limit("a", count=1, per=MINUTE)


@pytest.mark.django_db
def test_what_is_counted_can_not_be_read_from_the_table() -> None:
    throttling.within_limit("code:+8613912345678", count=1, per=MINUTE)
    key = TryCount.objects.get().key
    assert "13912345678" not in key
    assert len(key) == 64


@pytest.mark.django_db
def test_a_key_of_any_length_and_of_any_characters_is_counted() -> None:
    for key in ("x" * 100_000, "\x00", "\ud800", ""):
        assert throttling.within_limit(key, count=1, per=MINUTE)


@pytest.mark.django_db
def test_windows_that_have_ended_are_swept() -> None:
    throttling.within_limit("old", count=1, per=MINUTE)
    throttling.within_limit("young", count=1, per=timedelta(days=1))
    with clock.at(clock.now() + 2 * MINUTE):
        assert throttling.forget_old_tries() == 1
    assert TryCount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_get_more_than_the_limit() -> None:
    answers: list[bool] = []

    def try_often() -> None:
        answers.extend(throttling.within_limit("a", count=7, per=MINUTE) for _ in range(10))
        connection.close()

    threads = [Thread(target=try_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count(True), len(answers)) == (7, 40)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_an_address_is_counted_by_what_its_holder_can_not_change(address: str | None, network: str) -> None:
    assert throttling.network_of(address) == network
