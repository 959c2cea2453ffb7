"""Sessions in the database, looked up together with the person and the stamps of what each process keeps: one statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Model

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import clock
from onepoint.core.prepared import Statement
from onepoint.core.stamped import STAMPS, as_stamps

_ROWS: tuple[tuple[str, type[Model]], ...] = (("person", User), ("unit", OrgUnit), ("region", Region))


#: Mark in a session: nothing but setting up a second factor is possible with it.
SECOND_FACTOR_DUE = "second_factor_due"


class SessionStore(db.SessionStore):
    """Django's; ``person`` is whose session it is as of now, where that could be read along."""

    person: User | None = None

    def load(self) -> dict[str, Any]:
        key = self.session_key or ""
        found = _lookup().row(key, clock.now().isoformat()) if key.isalnum() else None
        if found is None:  # ended, or of a login that is not finished
            return super().load()
        encoded, stamps, *values = found
        self.person = _person(values)
        self.person.stamps = as_stamps(stamps)
        decoded: dict[str, Any] = self.decode(encoded)
        return decoded


_session: ContextVar[SessionBase | None] = ContextVar("session", default=None)


@contextmanager
def beside(session: SessionBase) -> Iterator[None]:
    """Whoever is looked up inside is asked for by this session."""
    token = _session.set(session)
    try:
        yield
    finally:
        _session.reset(token)


def person_beside_session(user_id: int | str) -> User | None:
    """The person with this id, where the session being looked at brought just that one."""
    person = getattr(_session.get(), "person", None)
    return person if person is not None and person.pk == int(user_id) else None


@cache
def _lookup() -> Statement:
    columns = [f'{name}."{field.column}"' for name, model in _ROWS for field in model._meta.concrete_fields]
    return Statement(
        "session_with_person",
        f"SELECT session.session_data, ({STAMPS}), {', '.join(columns)} FROM django_session session"
        " JOIN usersessions_usersession login ON login.session_key = session.session_key"
        " JOIN accounts_user person ON person.id = login.user_id"
        " LEFT JOIN accounts_orgunit unit ON unit.id = person.unit_id"
        " LEFT JOIN accounts_region region ON region.id = unit.region_id"
        " WHERE session.session_key = $1::text AND session.expire_date > $2::timestamptz",
    )


def _person(values: list[Any]) -> User:
    """The person with unit and region, from the columns in the order of ``_ROWS``."""
    rows: dict[str, Any] = {}
    for name, model in _ROWS:
        names = [field.attname for field in model._meta.concrete_fields]
        own, values = values[: len(names)], values[len(names) :]
        rows[name] = model.from_db("default", names, own) if own[0] is not None else None
    person: User = rows["person"]
    if rows["unit"]:
        person.unit = rows["unit"]
        person.unit.region = rows["region"]
    return person
