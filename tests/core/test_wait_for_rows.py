"""A row somebody holds keeps half of a process's threads at most; whoever else wants it is told sooner (reliability F14)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from onepoint.accounts.models import Role
from onepoint.core.patience import LOCKING, Waiters

MOST = 2


class Wanting:
    """Somebody who wants one row, in a thread of his own; ``seconds`` it took, ``refusal`` where there was one."""

    def __init__(self, role: Role, waiters: Waiters) -> None:
        self.role, self.waiters = role, waiters
        self.seconds = 0.0
        self.refusal: BaseException | None = None
        self.timeout_afterwards = ""
        self.thread = threading.Thread(target=self._want)
        self.thread.start()

    def _want(self) -> None:
        began = time.monotonic()
        try:
            with connection.execute_wrapper(self.waiters), transaction.atomic():
                Role.objects.select_for_update().get(pk=self.role.pk)
                with connection.cursor() as cursor:
                    cursor.execute("SHOW lock_timeout")
                    self.timeout_afterwards = cursor.fetchone()[0]
        except OperationalError as refused:
            self.refusal = refused.__cause__
        finally:
            self.seconds = time.monotonic() - began
            connection.close()


@contextmanager
def held(*roles: Role) -> Iterator[Callable[[], None]]:
    """Somebody else's transaction holds these rows; gives what lets them go."""
    is_held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Role.objects.select_for_update().filter(pk__in=[role.pk for role in roles]))
            is_held.set()
            let_go.wait(60)
        connection.close()

    with ExitStack() as stack:
        thread = threading.Thread(target=hold)
        stack.callback(thread.join, 60)
        stack.callback(let_go.set)
        thread.start()
        assert is_held.wait(60)
        yield let_go.set


def some_roles(count: int) -> list[Role]:
    return [Role.objects.create(code=f"wanted{number}") for number in range(count)]


@pytest.mark.django_db(transaction=True)
def test_beside_those_who_wait_others_are_told_sooner() -> None:
    role, free = some_roles(2)
    waiters = Waiters(MOST)
    with held(role) as let_go:
        patient = [Wanting(role, waiters) for _number in range(MOST)]
        time.sleep(0.3)
        second = Wanting(role, waiters)
        second.thread.join(60)
        third = Wanting(role, waiters)
        third.thread.join(60)
        beside = Wanting(free, waiters)
        beside.thread.join(60)
        assert all(one.thread.is_alive() for one in patient)
        let_go()
        for one in patient:
            one.thread.join(60)
    assert isinstance(second.refusal, LockNotAvailable)
    assert second.seconds >= 1
    assert isinstance(third.refusal, LockNotAvailable)
    assert third.seconds < second.seconds
    assert beside.refusal is None
    assert beside.timeout_afterwards == "5s"  # for whatever else it comes to
    assert [one.refusal for one in patient] == [None] * MOST


@pytest.mark.django_db(transaction=True)
def test_it_makes_no_difference_whether_it_is_one_row_or_several() -> None:
    """As when a transaction that comes to no end holds every ticket of a batch."""
    roles = some_roles(MOST + 1)
    waiters = Waiters(MOST)
    with held(*roles) as let_go:
        patient = [Wanting(role, waiters) for role in roles[:MOST]]
        time.sleep(0.3)
        other = Wanting(roles[-1], waiters)
        other.thread.join(60)
        assert all(one.thread.is_alive() for one in patient)
        let_go()
        for one in patient:
            one.thread.join(60)
    assert isinstance(other.refusal, LockNotAvailable)


@pytest.mark.django_db(transaction=True)
def test_who_comes_when_the_others_are_gone_waits_as_long_as_they_did() -> None:
    (role,) = some_roles(1)
    waiters = Waiters(1)
    with held(role):
        patient = Wanting(role, waiters)
        time.sleep(0.3)
        Wanting(role, waiters).thread.join(60)  # refused, and that is remembered
        patient.thread.join(60)
        next_one = Wanting(role, waiters)
        next_one.thread.join(2.0)
        assert next_one.thread.is_alive()
    next_one.thread.join(60)
    assert isinstance(patient.refusal, LockNotAvailable)
    assert next_one.refusal is None


@pytest.mark.parametrize(
    ("statement", "may_wait"),
    [
        ('SELECT 1 FROM "tickets_ticket" WHERE "id" = %s LIMIT 21 FOR UPDATE OF "tickets_ticket"', True),
        ("SELECT 1 FROM accounts_user FOR NO KEY UPDATE", True),
        ("SELECT id FROM queue ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", False),
        ("SELECT id FROM queue FOR UPDATE NOWAIT", False),
        ("UPDATE tickets_ticket SET title = %s", False),
    ],
)
def test_statements_that_wait_are_told_from_others(statement: str, may_wait: bool) -> None:
    assert bool(LOCKING.search(statement)) is may_wait
