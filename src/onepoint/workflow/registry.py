"""Where higher capabilities plug in: handlers of service tasks, and who may see a subject."""

from collections.abc import Callable
from typing import Any, Protocol

from onepoint.accounts.models import User


class ServiceHandler(Protocol):
    """Does the work of a service task in the worker; returns variables to set. May be called again after a crash."""

    def __call__(self, instance: Any, variables: dict[str, Any]) -> dict[str, Any] | None: ...


Visible = Callable[[User, int], bool]

_handlers: dict[str, ServiceHandler] = {}
_subjects: dict[str, Visible] = {}


def register_handler(name: str, function: ServiceHandler) -> None:
    """Let service tasks with ``op:handler="name"`` call ``function(instance, variables)``."""
    _handlers[name] = function


def handler_named(name: str) -> ServiceHandler | None:
    return _handlers.get(name)


def register_subject(subject_type: str, visible: Visible) -> None:
    """Say who may see the processes of a kind of subject; unregistered kinds are seen by nobody."""
    _subjects[subject_type] = visible


def may_see_subject(user: User, subject_type: str, subject_id: int) -> bool:
    visible = _subjects.get(subject_type)
    return visible is not None and visible(user, subject_id)
