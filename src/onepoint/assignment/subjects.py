"""What rings: capabilities above say how their subjects look to the agent, and where accepting leads."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from onepoint.assignment.models import QueueEntry


@dataclass(frozen=True)
class Ringing:
    """Who it is, and what it is about."""

    who: str
    about: str


@dataclass(frozen=True)
class Subject:
    """One kind of thing that waits in queues."""

    kind: str
    label: str | Promise
    describe: Callable[[QueueEntry], Ringing]
    address: Callable[[QueueEntry], str]  # of the page that shows it


_subjects: dict[str, Subject] = {}


def register_subject(subject: Subject) -> None:
    """The later one of a kind is kept."""
    _subjects[subject.kind] = subject


def subject_of(entry: QueueEntry) -> Subject | None:
    return _subjects.get(entry.subject_type)
