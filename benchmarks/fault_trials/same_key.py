"""F8: one request sent many times: at once, after a crash at any moment, with another body, long afterwards."""

import json
import os
import signal
import threading
import uuid
from collections import Counter
from typing import Any

from fault_trials import dying
from fault_trials.house import House
from fault_trials.ledger import TICKETS, Answer, Caller
from fault_trials.trials import Outcome, Scale, register_trial


@register_trial(
    "F8",
    "The same Idempotency-Key makes one ticket: 50 at once, a day later, after a crash anywhere, with another body",
)
def repeat_requests(house: House, scale: Scale, outcome: Outcome) -> None:
    at_once(house, scale.of(50, 50), outcome)
    another_body(house, outcome)
    long_afterwards(house, outcome)
    after_crash(house, scale, outcome)


def at_once(house: House, count: int, outcome: Outcome) -> None:
    port, key = house.web().port, uuid.uuid4().hex
    answers: list[Answer] = []
    together = threading.Barrier(count)

    def ask() -> None:
        caller = Caller(port, house.secrets[0])
        together.wait()
        answers.append(caller.send("POST", TICKETS, {**house.complaint, "title": key}, key=key))

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = Counter(answer.status for answer in answers)
    outcome.figures |= {f"{count} at once: {status}": number for status, number in sorted(statuses.items())}
    outcome.demand(set(statuses) <= {201, 409}, f"answers {dict(statuses)} to the same request at once")
    bodies = {answer.body for answer in answers if answer.status == 201}
    outcome.demand(len(bodies) == 1, f"{len(bodies)} different answers to the same request")
    outcome.demand(tickets_of(house, key) == 1, f"{tickets_of(house, key)} tickets of {count} equal requests")
    late = Caller(port, house.secrets[0]).send("POST", TICKETS, {**house.complaint, "title": key}, key=key)
    outcome.demand(
        late.status == 201 and {late.body} == bodies and late.headers.get("idempotency-replayed") == "true",
        "a repeated request is not answered as the first",
    )


def another_body(house: House, outcome: Outcome) -> None:
    key = uuid.uuid4().hex
    caller = Caller(house.web().port, house.secrets[0])
    first = caller.send("POST", TICKETS, {**house.complaint, "title": key}, key=key)
    other = caller.send("POST", TICKETS, {**house.complaint, "title": key + "!"}, key=key)
    outcome.demand((first.status, other.status) == (201, 422), f"another body: {first.status}, {other.status}")
    foreign = Caller(house.web().port, house.secrets[1]).send(
        "POST", TICKETS, {**house.complaint, "title": key + "2"}, key=key
    )
    outcome.demand(foreign.status == 201, "another program's key of the same name stands in the way")


def long_afterwards(house: House, outcome: Outcome) -> None:
    """After a day of forgetting what is old it is answered as the first; after three days the key stands for a new one."""
    from onepoint.integrations import services

    key = uuid.uuid4().hex
    caller = Caller(house.web().port, house.secrets[0])

    def ask() -> Answer:
        return caller.send("POST", TICKETS, {**house.complaint, "title": key}, key=key)

    first = ask()
    for hours, is_replayed in ((23, True), (72, False)):
        house.rows(
            "UPDATE integrations_answeredrequest SET answered_at = now() - make_interval(hours => %(hours)s)"
            " WHERE key = %(key)s",
            {"hours": hours, "key": key},
        )
        services.forget_old_answers()
        again = ask()
        outcome.demand(
            again.status == 201 and (again.body == first.body) is is_replayed,
            f"{hours} hours later: {again.status} {again.body[:200]!r}",
        )
    outcome.demand(tickets_of(house, key) == 2, f"{tickets_of(house, key)} tickets of a key used anew after three days")


def after_crash(house: House, scale: Scale, outcome: Outcome) -> None:
    """The web process dies at each boundary, or with everything done and the reply not sent; then: the same again."""
    count = dying.boundaries_of(lambda: register(house, uuid.uuid4().hex))
    crashes = [crash_at(house, at, outcome) for at in scale.some(count, 6)]
    outcome.demand(crash_at(house, 0, outcome), "what stood after the crash was not answered as the first")
    outcome.figures |= {"boundaries of one request": count, "crashes after COMMIT, before the reply": 1 + sum(crashes)}


def crash_at(house: House, at: int, outcome: Outcome) -> bool:
    """Die at this boundary, 0 for the moment before the reply, and ask again; gives whether the ticket stood already."""
    key = uuid.uuid4().hex
    where = f"boundary {at}" if at else "the reply"

    def act() -> None:
        register(house, key)
        if not at:
            os.kill(os.getpid(), signal.SIGKILL)

    child = dying.begin(act, at=at)
    ended = child.await_end()
    outcome.demand(
        ended == -signal.SIGKILL or (ended == dying.SURVIVED and child.never_came_to(at)),
        f"the web process did not die at {where}: {ended}",
    )
    stood = tickets_of(house, key) > 0
    again = Caller(house.web().port, house.secrets[0]).send("POST", TICKETS, {**house.complaint, "title": key}, key=key)
    is_replayed = again.headers.get("idempotency-replayed") == "true"
    outcome.demand(again.status == 201, f"after a crash at {where}: {again.status} {again.body[:200]!r}")
    outcome.demand(tickets_of(house, key) == 1, f"{tickets_of(house, key)} tickets after a crash at {where}")
    outcome.demand(stood == is_replayed, f"after a crash at {where}: stood {stood}, answered as before {is_replayed}")
    return stood


def register(house: House, key: str) -> None:
    """The request, carried out in this process as the web process does it."""
    from django.test import Client

    headers: dict[str, Any] = {"authorization": f"Bearer {house.secrets[0]}", "idempotency-key": key}
    body = json.dumps({**house.complaint, "title": key})
    client = Client(headers=headers, SERVER_NAME="localhost")
    answer = client.post(TICKETS, body, content_type="application/json")
    if answer.status_code != 201:
        raise RuntimeError(f"{answer.status_code} {answer.content!r}")


def tickets_of(house: House, title: str) -> int:
    return house.number("SELECT count(*) FROM tickets_ticket WHERE title = %(title)s", {"title": title})
