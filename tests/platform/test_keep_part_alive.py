"""One part under the supervisor: restarted when it dies, ever more slowly when it keeps dying, its log kept short."""

import signal
import sys
import time
from pathlib import Path

import pytest

from onepoint.config import supervisor
from onepoint.config.supervisor import Part, display_width, pad

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


def wait_until_up(part: Part) -> None:
    while "up" not in part.end_of_log():
        time.sleep(0.02)


def test_a_part_that_keeps_dying_is_started_after_growing_pauses(tmp_path: Path) -> None:
    part = Part("web", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "web.log", 5)
    part.start()
    pauses = []
    for _ in range(4):
        part.process.wait()
        part.keep_alive()
        pauses.append(part.pause)
        assert not part.runs()
        part.start_again_at = 0  # as if the pause were over
        part.keep_alive()
        assert part.process is not None
    assert pauses == [0.5, 1.0, 2.0, 4.0]
    part.process.wait()


def test_a_part_that_lived_long_starts_again_at_once(tmp_path: Path) -> None:
    part = Part("worker", SLEEP, tmp_path / "worker.log", 5)
    part.start()
    first = part.process.pid
    part.started_at -= supervisor.STEADY_SECONDS + 1
    part.process.kill()
    part.process.wait()
    part.keep_alive()
    assert part.runs()
    assert part.process.pid != first
    part.stop()
    assert part.process.returncode == -signal.SIGTERM


def test_a_part_that_does_not_listen_is_stopped_all_the_same(tmp_path: Path) -> None:
    part = Part("worker", STUBBORN, tmp_path / "worker.log", 0.2)
    part.start()
    wait_until_up(part)
    part.stop()
    assert part.process.returncode == -signal.SIGKILL


def test_a_log_that_grew_too_long_becomes_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_LIMIT", 2)
    part = Part("web", SLEEP, tmp_path / "web.log", 5)
    part.start()
    wait_until_up(part)
    part.limit_log()
    part.stop()
    assert (tmp_path / "web.log.1").read_text() == "up\n"
    assert (tmp_path / "web.log").read_text() == ""


def test_chinese_names_line_up_with_latin_ones() -> None:
    assert display_width("武汉ok") == 6
    assert [display_width(pad(text, 8)) for text in ("武汉", "wuh")] == [8, 8]
