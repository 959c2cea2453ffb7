"""Live events wired to sessions, people and the database."""

import uuid

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import close_old_connections, connection
from django.db.utils import ConnectionHandler
from django.http import HttpRequest
from django.utils.module_loading import import_string
from psycopg.conninfo import make_conninfo

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys, is_session_over
from onepoint.accounts.sessions import SECOND_FACTOR_DUE
from onepoint.channels.queries.chats import find_session_of_visitor
from onepoint.core import presence
from onepoint.core.live_stream import VISITOR, Listener, LiveEvents

#: Names this web process in the table of open pages; its successor gets another name.
PROCESS = uuid.uuid4()


def listener_of_session(session_key: str) -> Listener | None:
    """Whoever is logged in with this session, with the candidate keys; None when nobody is (any more)."""
    close_old_connections()
    if session_key.startswith(VISITOR):
        return listener_of_visitor(session_key.removeprefix(VISITOR))
    request = HttpRequest()
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request.session = store(session_key)
    person = get_user(request)
    if not isinstance(person, User) or person.must_change_password or is_session_over(request.session):
        return None
    if SECOND_FACTOR_DUE in request.session:
        return None
    return Listener(person.pk, frozenset(candidate_keys(person)))


def listener_of_visitor(token: str) -> Listener | None:
    """The visitor of an open web chat hears of that chat only."""
    session = find_session_of_visitor(token)
    return Listener(0, frozenset({session.live_key})) if session is not None and session.is_open else None


def report_connected(actor_ids: set[int]) -> None:
    close_old_connections()
    presence.report_connected(PROCESS, actor_ids)


def conninfo() -> str:
    """How to reach the database itself (no pool: it listens), with a name that shows what the connection is for."""
    direct = ConnectionHandler({"default": settings.SESSION_DATABASE})["default"] if settings.IS_POOLED else connection
    parameters = direct.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")
    known = {name: value for name, value in parameters.items() if name in wanted and value}
    return make_conninfo(**known, application_name="onepoint live events", connect_timeout=10)


def make_live_events() -> LiveEvents:
    return LiveEvents(conninfo, settings.SESSION_COOKIE_NAME, listener_of_session, report_connected)
