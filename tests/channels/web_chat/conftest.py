"""A queue for web chats and people who serve it."""

import uuid

import pytest

from onepoint.assignment import services as assignment
from onepoint.assignment.models import Queue
from onepoint.channels.models.chat import ChatSession
from onepoint.channels.services import chats as services


@pytest.fixture
def working(cast):
    """The cast: agents work in queues, the supervisor watches them, the administrator sets them up."""
    return cast


@pytest.fixture
def queue(working) -> Queue:
    return assignment.create_queue(
        code="general", name="一般咨询", name_en="General questions", units=[working.call_centre], by=working.admin
    )


@pytest.fixture
def begin(queue):
    """A function by which a visitor begins; gives the conversation and its secret."""

    def make(**options) -> tuple[ChatSession, str]:
        key = options.pop("request_key", None) or uuid.uuid4()
        values = {"queue": queue, "name": "王小明", "question": "宽带上不了网", **options}
        return services.begin_chat(request_key=key, **values, by=None), services.token_of(key)

    return make


@pytest.fixture
def talking(working, begin):
    """A conversation the agent has accepted; gives it and its secret."""
    assignment.take_up_work(working.agent, by=working.agent)
    session, token = begin()
    assignment.assign_waiting()
    session.entry.refresh_from_db()
    assignment.accept_entry(session.entry, by=working.agent)
    return ChatSession.objects.get(pk=session.pk), token
