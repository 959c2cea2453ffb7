from itertools import count

import pytest

from onepoint.accounts.models import Role
from onepoint.assignment import services
from onepoint.assignment.models import Queue, QueueEntry


@pytest.fixture
def working(cast):
    """The agents of the cast may work in queues, the supervisor may watch them, the administrator sets them up."""
    for code, more in {
        "agent": ["queue.work"],
        "supervisor": ["queue.watch"],
        "admin": ["queue.watch", "queue.change"],
    }.items():
        role = Role.objects.get(code=code)
        role.permissions = [*role.permissions, *more]
        role.save(update_fields=["permissions"])
    for person in (cast.agent, cast.second_agent, cast.supervisor, cast.admin, cast.outsider):
        person.forget_rights()
    return cast


@pytest.fixture
def queue(working) -> Queue:
    return services.create_queue(
        code="general", name="一般咨询", units=[working.call_centre], wrap_up_seconds=60, by=working.admin
    )


@pytest.fixture
def enter(queue):
    """A function that lets one more subject wait."""
    numbers = count(1)

    def make(into: Queue | None = None, **options) -> QueueEntry:
        return services.enter_queue(into or queue, subject_type="chat", subject_id=next(numbers), by=None, **options)

    return make
