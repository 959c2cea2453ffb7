"""Thousands of open desks: how soon an event reaches them, what they cost, and what asking every ten seconds would cost.

    .venv/bin/python benchmarks/live.py postgresql://…/demo [--desks 2000] [--rounds 20]
    .venv/bin/python benchmarks/live.py postgresql://…/demo --desks 5000 --events-per-second 50 --seconds 60

The database holds a demo (``./onepoint manage load_demo``). A desk is a browser's event stream with a session of its own: as
many people as desks are made after the demo's people, with their units and roles, so that their keys differ as they do in
a house; afterwards they are removed. One real web process serves all streams over loopback. The clients are this process, so
the two share the machine: on a machine with two cores the times hold what reading two thousand answers takes too.

A time runs from before the transaction that tells begins until a desk has read the event. ``claim`` is the whole way: a
person claims and releases a step of the demo by the ordinary services. Every desk that should hear is waited for; those that
should not are checked to have heard nothing.

With ``--events-per-second`` there is a steady stream instead, told by the clock: every other event is for one person, every
other one for the pool of a unit. Two processes of their own hold the desks, so that what tells and what listens do not wait for
each other.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

from serving import CSRF, ask, free_port, machine, percentile, running, setup, tree_cpu

PREFIX = "bench-live-"
AT_A_TIME = 100  # connections being opened
PATIENCE = 60
POLL_SECONDS = 10
IDLE_SECONDS = 20
LISTENERS = 2  # processes that hold the desks of a stream
FIRST_SUBJECT = 1_000_000_000  # of the stream's events, so that they are told from others
LATEST = 15  # seconds after the last event
#: What is asked for (reliability.md L7): megabytes of the web process, milliseconds until 95 of a hundred have heard.
MOST_MEMORY, MOST_FAN_OUT = 1500, 2000


@dataclass
class Desk:
    """One stream: who it is of, when it last heard what, and whether the server ended it."""

    person_id: int
    session: str
    heard: list[tuple[str, float]] = field(default_factory=list)
    said: list[tuple[bytes, float]] = field(default_factory=list)  # the facts of each event
    opened_at: float = 0.0
    ended_at: float = 0.0
    writer: Any = None
    news: Any = None

    async def listen(self, port: int) -> None:
        reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        cookie = f"sessionid={self.session}; csrftoken={CSRF}"
        self.writer.write(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
        status = await reader.readline()
        if b" 200 " not in status:
            sys.exit(f"a desk was refused: {status!r}")
        try:
            async for line in reader:
                if line.startswith(b": open"):
                    self.opened_at = time.perf_counter()
                elif line.startswith(b"event: ") and not line.startswith(b"event: ping"):
                    self.heard.append((line[7:].strip().decode(), time.perf_counter()))
                    if self.heard[-1][0] == "ended":
                        break
                elif line.startswith(b"data: {") and self.heard:
                    self.said.append((line[6:].strip(), self.heard[-1][1]))
                    continue
                else:
                    continue
                self.news.set()
        except (OSError, ValueError):
            pass
        self.ended_at = time.perf_counter()
        self.news.set()


# -- people -------------------------------------------------------------------------------------------------------


@contextmanager
def people(count: int) -> Iterator[list[tuple[int, str]]]:
    """Ids and session keys of so many people made after the demo's; gone afterwards."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    from onepoint.accounts.models import Appointment, RoleGrant, User

    def remove() -> None:
        made = User.objects.filter(username__startswith=PREFIX)
        keys = UserSession.objects.filter(user__in=made).values("session_key")
        Session.objects.filter(session_key__in=keys).delete()
        for model in (UserSession, Appointment, RoleGrant):
            model.objects.filter(user__in=made).delete()
        made.delete()

    remove()
    patterns = list(User.objects.filter(is_active=True).exclude(unit=None).prefetch_related("role_grants"))
    if not patterns:
        sys.exit("this house does not hold the demo's people")
    copies = [(patterns[number % len(patterns)], number) for number in range(count)]
    made = User.objects.bulk_create(
        User(
            username=f"{PREFIX}{number}",
            name=one.name,
            name_key=one.name_key,
            unit_id=one.unit_id,
            password=f"!{number}",
        )
        for one, number in copies
    )
    grants = [
        RoleGrant(user=person, role_id=grant.role_id, unit_id=grant.unit_id, data_scope=grant.data_scope)
        for person, (one, _number) in zip(made, copies, strict=True)
        for grant in one.role_grants.all()
    ]
    RoleGrant.objects.bulk_create(grants)
    try:
        yield [(person.pk, _session_of(person)) for person in made]
    finally:
        remove()


def _session_of(person: Any) -> str:
    from allauth.usersessions.models import UserSession
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils.module_loading import import_string

    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store["seen_at"] = store["began_at"] = time.time()
    store.create()
    UserSession.objects.create(user=person, session_key=store.session_key, ip="127.0.0.1")
    return str(store.session_key)


# -- what is measured ---------------------------------------------------------------------------------------------


def memory_of(pid: int) -> float:
    """Megabytes of a process and its children, shared pages counted once."""
    total = 0
    for each in [pid, *_children(pid)]:
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == pid:
                found += [int(folder.name), *_children(int(folder.name))]
    return found


async def connect(desks: list[Desk], port: int) -> tuple[list[asyncio.Task[None]], float]:
    began, gate, tasks = time.perf_counter(), asyncio.Semaphore(AT_A_TIME), []

    async def opened(desk: Desk) -> None:
        async with gate:
            tasks.append(asyncio.create_task(desk.listen(port)))
            while not desk.opened_at:
                desk.news.clear()
                await asyncio.wait_for(desk.news.wait(), PATIENCE)

    await asyncio.gather(*(opened(desk) for desk in desks))
    return tasks, time.perf_counter() - began


async def reach(desks: Sequence[Desk], others: Sequence[Desk], event: str, tell: Callable[[], None]) -> list[float]:
    """Seconds until each of these desks had read the event."""
    for desk in [*desks, *others]:
        desk.heard.clear()
    began = time.perf_counter()
    await asyncio.to_thread(tell)

    async def heard(desk: Desk) -> float:
        while True:
            for name, at in desk.heard:
                if name == event:
                    return at - began
            desk.news.clear()
            await asyncio.wait_for(desk.news.wait(), PATIENCE)

    times = await asyncio.gather(*(heard(desk) for desk in desks))
    if wrong := [desk for desk in others if any(name == event for name, _at in desk.heard)]:
        sys.exit(f"{len(wrong)} desks heard what did not concern them")
    return list(times)


def row(title: str, desks: int, times: list[float], rounds: int, cpu: float) -> str:
    ordered = sorted(times)
    p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    share = cpu / rounds / max(desks, 1) * 1e6
    return (
        f"| {title} | {desks} | {p50 * 1000:.0f} | {p95 * 1000:.0f} | {ordered[-1] * 1000:.0f} "
        f"| {cpu / rounds * 1000:.1f} | {share:.0f} |"
    )


def in_own_connection(act: Callable[[], None]) -> Callable[[], None]:
    def done() -> None:
        from django.db import connection

        try:
            act()
        finally:
            connection.close()

    return done


async def measure(found: list[tuple[int, str]], options: argparse.Namespace, port: int, pid: int) -> None:
    from onepoint.config.live import listener_of_session
    from onepoint.core import live

    desks = [Desk(person, session, news=asyncio.Event()) for person, session in found]
    before = memory_of(pid)
    cpu = tree_cpu(pid)
    tasks, seconds = await connect(desks, port)
    opening = tree_cpu(pid) - cpu
    print(f"{len(desks)} desks connected in {seconds:.1f} s, {opening / len(desks) * 1000:.1f} ms of CPU each")
    keys = await asyncio.to_thread(_keys_of, listener_of_session, desks)
    await asyncio.sleep(6)
    after = memory_of(pid)
    print(
        f"memory of the web process {before:.0f} → {after:.0f} MB: {(after - before) * 1024 / len(desks):.1f} kB a desk"
    )
    cpu, began = tree_cpu(pid), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    idle = (tree_cpu(pid) - cpu) / (time.perf_counter() - began)
    print(f"while nothing happens: {idle * 100:.1f} % of a core\n")

    print(
        "| event | desks that hear | p50 ms | p95 ms | last ms | CPU ms | CPU µs a desk |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    chance = random.Random(1)
    unit = max(
        {key for one in keys.values() for key in one if key[0] == "U"},
        key=lambda key: sum(key in one for one in keys.values()),
    )
    chosen = {
        "one person's to-do": lambda: [chance.choice(desks)],
        "the pool of the biggest unit": lambda: [desk for desk in desks if unit in keys[desk.person_id]],
        "everybody": lambda: desks,
    }
    for title, pick in chosen.items():
        times: list[float] = []
        cpu = tree_cpu(pid)
        rounds = options.rounds if title != "everybody" else max(options.rounds // 4, 3)
        for number in range(rounds):
            hearers = pick()
            told = [unit] if len(hearers) not in (1, len(desks)) else [f"P{desk.person_id}" for desk in hearers]
            hearing = {id(desk) for desk in hearers}
            others = [desk for desk in desks if id(desk) not in hearing]
            tell = in_own_connection(lambda told=told, number=number: live.publish(told, "todo", subject=number))
            times += await reach(hearers, others, "todo", tell)
            await asyncio.sleep(0.2)
        print(row(title, len(hearers), times, rounds, tree_cpu(pid) - cpu), flush=True)
    await claims(desks, keys, options.rounds, pid)
    await log_out(desks[:20])
    for task in tasks:
        task.cancel()
    for desk in desks:
        desk.writer.close()


def _keys_of(find: Callable[[str], Any], desks: list[Desk]) -> dict[int, frozenset[str]]:
    from django.db import connection

    found = {desk.person_id: find(desk.session).keys for desk in desks}
    connection.close()
    return found


async def claims(desks: list[Desk], keys: dict[int, frozenset[str]], rounds: int, pid: int) -> None:
    """Somebody claims a step many may take, and gives it back."""

    def find() -> tuple[Any, Any, set[str]] | None:
        from django.db import connection

        from onepoint.accounts.models import User
        from onepoint.workflow.models import UserTask

        best = None
        for task in UserTask.objects.filter(status="open", subject_type="ticket", held=False)[:300]:
            hearing = [desk for desk in desks if not keys[desk.person_id].isdisjoint(task.candidate_keys)]
            if hearing and (best is None or len(hearing) > best[0]):
                best = (len(hearing), task, User.objects.get(pk=hearing[0].person_id))
        connection.close()
        return best and (best[1], best[2], set(best[1].candidate_keys))

    found = await asyncio.to_thread(find)
    if found is None:
        print("no open step of the demo may be taken by any of these people")
        return
    task, person, wanted = found
    hearers = [desk for desk in desks if not keys[desk.person_id].isdisjoint(wanted)]
    hearing = {id(desk) for desk in hearers}
    others = [desk for desk in desks if id(desk) not in hearing]
    times: list[float] = []
    cpu = tree_cpu(pid)
    for number in range(rounds):

        def act(releases: bool = bool(number % 2)) -> None:
            from onepoint.workflow import services

            (services.release_task if releases else services.claim_task)(task, by=person)

        times += await reach(hearers, others, "todo", in_own_connection(act))
        await asyncio.sleep(0.2)
    if rounds % 2:
        await asyncio.to_thread(in_own_connection(lambda: _release(task, person)))
    print(row("claim", len(hearers), times, rounds, tree_cpu(pid) - cpu), flush=True)


def _release(task: Any, person: Any) -> None:
    from onepoint.workflow import services

    services.release_task(task, by=person)


async def log_out(desks: list[Desk]) -> None:
    """How long somebody who logs out elsewhere still hears anything."""
    from onepoint.accounts import services
    from onepoint.accounts.models import User

    times = []
    for desk in desks:
        person = await asyncio.to_thread(lambda desk=desk: User.objects.get(pk=desk.person_id))
        began = time.perf_counter()
        out = in_own_connection(
            lambda person=person, desk=desk: services.note_logout(person, session_key=desk.session, by=person)
        )
        await asyncio.to_thread(out)
        while not desk.ended_at:
            desk.news.clear()
            await asyncio.wait_for(desk.news.wait(), PATIENCE)
        times.append(desk.ended_at - began)
    print(
        f"\nlogged out elsewhere: the stream ends after {statistics.median(times) * 1000:.0f} ms, at most {max(times) * 1000:.0f} ms"
    )


def poll(found: list[tuple[int, str]], port: int, pid: int, seconds: int) -> None:
    """What the same desks cost when each asks for its figures every ten seconds."""
    needed = len(found) / POLL_SECONDS
    counts = [0] * 4

    def reader(place: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        mine, number = found[place :: len(counts)], 0
        while time.perf_counter() < until:
            answer = ask(connection, "/desk/figures/", mine[number % len(mine)][1])
            if answer.status != 200:
                sys.exit(f"the figures were refused: {answer.status}")
            number += 1
            counts[place] += 1

    until = time.perf_counter() + seconds
    cpu = tree_cpu(pid)
    threads = [Thread(target=reader, args=[place]) for place in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    each = (tree_cpu(pid) - cpu) / sum(counts)
    print(
        f"\nasking every {POLL_SECONDS} s instead: {needed:.0f} requests/s, {each * 1000:.1f} ms of CPU each in the web process"
        f" (without PostgreSQL): {needed * each:.1f} cores at all times, for news that is {POLL_SECONDS / 2:.0f} s old on average;"
        f" this web process reached {sum(counts) / seconds:.0f} requests/s"
    )


# -- a steady stream ----------------------------------------------------------------------------------------------


async def hold(port: int) -> None:
    """A process that holds desks: their sessions come in by a line, out goes what they heard, after the next line."""
    found = json.loads(sys.stdin.readline())
    desks = [Desk(person, session, news=asyncio.Event()) for person, session in found]
    tasks, _seconds = await connect(desks, port)
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    heard = [
        (desk.person_id, facts["subject"], at)
        for desk in desks
        for facts, at in ((json.loads(raw), at) for raw, at in desk.said)
        if facts.get("subject", 0) >= FIRST_SUBJECT
    ]
    again = sum(name == "resync" for desk in desks for name, _at in desk.heard)
    print(
        json.dumps({"heard": heard, "resync": again, "ended": sum(bool(desk.ended_at) for desk in desks)}), flush=True
    )
    for task in tasks:
        task.cancel()


@contextmanager
def holders(found: list[tuple[int, str]], port: int, address: str) -> Iterator[list["subprocess.Popen[str]"]]:
    """The processes that hold these desks, all of them connected."""
    started = []
    try:
        for place in range(LISTENERS):
            command = [sys.executable, __file__, address, "--hold", str(port)]
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
            )
            started.append(process)
            ask_of(process, json.dumps(found[place::LISTENERS]))
        for process in started:
            if answer_of(process) != "open":
                sys.exit("not every desk could be opened")
        yield started
    finally:
        for process in started:
            process.terminate()
            process.wait(30)


def ask_of(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def answer_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def stream(found: list[tuple[int, str]], options: argparse.Namespace, port: int, pid: int) -> None:
    """Events by the clock to desks that other processes hold, and how soon each desk heard of its own."""
    from onepoint.config.live import listener_of_session

    keys = _keys_of(listener_of_session, [Desk(person, session) for person, session in found])
    audience = defaultdict(list)
    for person, theirs in keys.items():
        for key in theirs:
            audience[key].append(person)
    before, cpu, began = memory_of(pid), tree_cpu(pid), time.perf_counter()
    with holders(found, port, options.database) as processes:
        opening = (tree_cpu(pid) - cpu) / len(found)
        print(
            f"{len(found)} desks connected in {time.perf_counter() - began:.1f} s, {opening * 1000:.1f} ms of CPU each"
        )
        time.sleep(6)
        idle_memory, cpu = memory_of(pid), tree_cpu(pid)
        time.sleep(IDLE_SECONDS)
        idle, cpu, began = (tree_cpu(pid) - cpu) / IDLE_SECONDS, tree_cpu(pid), time.perf_counter()
        told = tell_by_the_clock(audience, options.events_per_second, options.seconds)
        busy = (tree_cpu(pid) - cpu) / (time.perf_counter() - began)
        memory = memory_of(pid)
        time.sleep(LATEST)
        for process in processes:
            ask_of(process, "enough")
        answers = [json.loads(answer_of(process)) for process in processes]
    print(
        f"memory of the web process {before:.0f} → {idle_memory:.0f} MB, {memory:.0f} MB after the stream;"
        f" {idle * 100:.1f} % of a core while nothing happens, {busy * 100:.1f} % during the stream\n"
    )
    report_stream(told, audience, answers)


def tell_by_the_clock(audience: dict[str, list[int]], rate: float, seconds: float) -> dict[int, tuple[str, float]]:
    """Of each event whom it was for, and when its moment was; late telling counts as the house's."""
    from django.db import connection

    from onepoint.core import live

    chance, told = random.Random(1), {}
    persons, units = (sorted(key for key in audience if key[0] == kind) for kind in "PU")
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        moment = began + number / rate
        time.sleep(max(0.0, moment - time.perf_counter()))
        key, subject = chance.choice(units if number % 2 else persons), FIRST_SUBJECT + number
        told[subject] = (key, moment)
        live.publish([key], "todo", subject=subject)
    connection.close()
    return told


def report_stream(
    told: dict[int, tuple[str, float]], audience: dict[str, list[int]], answers: list[dict[str, Any]]
) -> None:
    heard = {(person, subject): at for answer in answers for person, subject, at in answer["heard"]}
    print("| event | events | desks that hear | p50 ms | p95 ms | p99 ms | last ms | not heard |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    missing: Counter[str] = Counter()
    everything: list[float] = []
    for kind, title in (("P", "one person's to-do"), ("U", "the pool of a unit")):
        events = [(subject, key, moment) for subject, (key, moment) in told.items() if key[0] == kind]
        pairs = [(person, subject, moment) for subject, key, moment in events for person in audience[key]]
        times = [heard[person, subject] - moment for person, subject, moment in pairs if (person, subject) in heard]
        missing[kind] = len(pairs) - len(times)
        everything += times
        shares = " | ".join(f"{percentile(times, share):,.0f}" for share in (50, 95, 99, 100))
        print(f"| {title} | {len(events):,} | {len(pairs):,} | {shares} | {missing[kind]:,} |")
    again, ended = (sum(answer[name] for answer in answers) for name in ("resync", "ended"))
    wrong = sum(person not in audience[told[subject][0]] for person, subject in heard)
    print(f"\nall: p95 {percentile(everything, 95):,.0f} ms; told to look at everything {again} times; {ended} streams ended; {wrong} heard what did not concern them; {machine()}")  # fmt: skip
    print(f"asked for: p95 at most {MOST_FAN_OUT:,} ms, at most {MOST_MEMORY:,} MB")
    if (missing.total() and not again) or ended or wrong:
        sys.exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="connection address of a demo")
    parser.add_argument("--desks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=20, help="of each kind of event")
    parser.add_argument("--seconds", type=int, default=10, help="of asking, for comparison; of the stream")
    parser.add_argument(
        "--events-per-second", type=float, default=0, help="a steady stream of so many, and nothing else"
    )
    parser.add_argument("--hold", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if options.hold:
        asyncio.run(hold(options.hold))
        return
    if limit < options.desks + 500:
        sys.exit(f"only {limit} open files are allowed here (ulimit -n), too few for {options.desks} desks")
    setup(options.database)
    port = free_port()
    with people(options.desks) as found, running("onepoint.config.web", "127.0.0.1", str(port), answers_at=port) as pid:
        if options.events_per_second:
            stream(found, options, port, pid)
            return
        asyncio.run(measure(found, options, port, pid))
        poll(found[20:], port, pid, options.seconds)


if __name__ == "__main__":
    main()
