"""A machine whose clock is wrong goes by the database's; one that is right reads its own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from onepoint.core import clock, clock_following


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_said", None)
    monkeypatch.setattr(clock_following, "_alarmed_at", float("-inf"))


def set_machine(monkeypatch: pytest.MonkeyPatch, off: timedelta) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + off)


@pytest.mark.parametrize("off", [timedelta(hours=-2), timedelta(hours=2), timedelta(days=3)], ids=str)
def test_a_wrong_clock_is_not_gone_by(monkeypatch: pytest.MonkeyPatch, off: timedelta) -> None:
    set_machine(monkeypatch, off)
    assert abs(clock.now() - datetime.now(UTC) - off) < timedelta(seconds=5)
    assert abs(clock.set_by(datetime.now(UTC)) - off) < timedelta(seconds=5)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert abs(clock.machine_time() - datetime.now(UTC) - off) < timedelta(seconds=5)


def test_a_clock_that_is_set_meanwhile_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.set_by(datetime.now(UTC))
    set_machine(monkeypatch, timedelta(hours=1))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_that_agrees_is_read_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.set_by(datetime.now(UTC) + timedelta(seconds=1))
    moment = datetime.now(UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert clock.now() == moment


def test_a_pinned_moment_stays_one() -> None:
    clock.set_by(datetime.now(UTC))
    moment = datetime(2020, 2, 29, tzinfo=UTC)
    with clock.at(moment):
        assert clock.now() == moment


@pytest.mark.django_db
def test_a_worker_looks_and_raises_the_alarm_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(clock_following, "_follows", True)
    set_machine(monkeypatch, timedelta(seconds=7))
    for _tick in range(2):
        monkeypatch.setattr(clock_following, "_looked_at", float("-inf"))
        clock_following.look_again()
    assert [record.levelname for record in caplog.records if "clock" in record.getMessage()] == ["ERROR"]
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.django_db
def test_who_does_not_follow_does_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_following, "_follows", False)
    monkeypatch.setattr(clock_following, "_looked_at", float("-inf"))
    clock_following.look_again()
    assert clock._said is None
