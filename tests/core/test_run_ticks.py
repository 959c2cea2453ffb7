"""What the worker looks after every second."""

import threading

import pytest

from onepoint.core import ticks


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(ticks, "_ticks", {})
    return []


def test_one_that_fails_keeps_no_other_from_running(told: list[str], db: None) -> None:
    def fail() -> None:
        raise RuntimeError("no disk")

    ticks.register_tick("broken", fail)
    ticks.register_tick("fine", lambda: told.append("fine"))
    ticks.run_ticks()
    ticks.run_ticks()
    assert told == ["fine", "fine"]


def test_ticking_ends_when_it_is_told_to(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "PAUSE_SECONDS", 0.01)
    ticked, stopped = threading.Event(), threading.Event()
    ticks.register_tick("once", ticked.set)
    thread = ticks.start_ticking(stopped)
    assert ticked.wait(20)
    stopped.set()
    thread.join(20)
    assert not thread.is_alive()
