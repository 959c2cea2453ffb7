from itertools import count

import pytest

from onepoint.assignment import services
from onepoint.assignment.models import Queue, QueueEntry


@pytest.fixture
def working(cast):
    """The cast: agents work in queues, the supervisor watches them, the administrator sets them up."""
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
