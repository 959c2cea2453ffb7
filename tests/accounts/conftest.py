"""What the tests of the organisation share: the last journal entry and the signals that were sent."""

from collections.abc import Callable, Iterator

import pytest

from onepoint.accounts import signals
from onepoint.accounts.models import OrgUnit, Role, RoleGrant, User
from onepoint.accounts.states import DataScope
from onepoint.core.models import AuditEntry


@pytest.fixture
def last_entry() -> Callable[..., AuditEntry]:
    """The newest entry with a verb; fails when there is none."""

    def find(verb: str) -> AuditEntry:
        entry = AuditEntry.objects.filter(verb=verb).order_by("-id").first()
        assert entry is not None, f"nothing was journaled as {verb}"
        return entry

    return find


@pytest.fixture
def announced() -> Iterator[list[str]]:
    """What was announced: audit verbs of the organisation, ``access:<number>``, ``deactivated:…``, ``sessions:…``."""
    heard: list[str] = []

    def on_organisation(verb: str, **kwargs: object) -> None:
        heard.append(verb)

    def on_access(person: User, **kwargs: object) -> None:
        heard.append(f"access:{person.username}")

    def on_deactivated(person: User, **kwargs: object) -> None:
        heard.append(f"deactivated:{person.username}")

    def on_sessions(person: User, **kwargs: object) -> None:
        heard.append(f"sessions:{person.username}")

    pairs = [
        (signals.organisation_changed, on_organisation),
        (signals.access_changed, on_access),
        (signals.person_deactivated, on_deactivated),
        (signals.sessions_ended, on_sessions),
    ]
    for signal, listener in pairs:
        signal.connect(listener)
    yield heard
    for signal, listener in pairs:
        signal.disconnect(listener)


@pytest.fixture
def city_admin(cast):
    """Looks after East only: may change its units and people, but not roles."""
    role = Role.objects.create(
        code="city_admin",
        name="市管理员",
        permissions=["organisation.view", "organisation.manage", "person.manage", "audit.view"],
        data_scope=DataScope.OWN_REGION,
    )
    branch = OrgUnit.objects.get(code="east-branch")
    person = User.objects.create(username="city_admin", name="周市管", name_key="zhou shi guan", unit=branch)
    RoleGrant.objects.create(user=person, role=role, unit=branch)
    return person
