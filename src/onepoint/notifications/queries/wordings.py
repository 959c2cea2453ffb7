"""Reads of texts: the house's own where there is one, else the delivered one."""

from collections.abc import Collection
from typing import NamedTuple

from onepoint.notifications.models import NotificationTemplate
from onepoint.notifications.registry import COMMON_VARIABLES, LINK, Event, Variable
from onepoint.notifications.states import Way


class Wording(NamedTuple):
    """A subject and a text with variables; ``is_own`` where the house changed it."""

    subject: str
    body: str
    is_own: bool = False


class Wordings:
    """The house's own texts of some events, looked up once."""

    def __init__(self, rows: Collection[NotificationTemplate]) -> None:
        self._own = {(row.event, row.way, row.language): row for row in rows}

    def of(self, event: Event, way: str, language: str) -> Wording:
        """The text to use; a language the event knows not is told in Chinese."""
        spoken = language if language in event.text else "zh-hans"
        row = self._own.get((event.name, way, spoken))
        return Wording(row.subject, row.body, True) if row and row.is_own else delivered(event, way, spoken)


def delivered(event: Event, way: str, language: str) -> Wording:
    """The text an event came with."""
    subject, body = event.text[language]
    if way == Way.SMS:
        return Wording("", str(event.short.get(language) or f"{subject} {{{LINK}}}"))
    return Wording(str(subject), str(body))


def find_template(event: Event, way: str, language: str) -> NotificationTemplate | None:
    """The row of this text, if anybody ever changed it."""
    return NotificationTemplate.objects.filter(event=event.name, way=way, language=language).first()


def changed_texts() -> set[tuple[str, str, str]]:
    """Event, way and language of every text the house words its own way."""
    rows = NotificationTemplate.objects.exclude(body="").values_list("event", "way", "language")
    return set(rows)


def own_wordings(*, events: Collection[str], ways: Collection[str]) -> Wordings:
    """One query."""
    return Wordings(NotificationTemplate.objects.filter(event__in=events, way__in=ways))


def variables_of(event: Event) -> list[Variable]:
    """The event's own variables and those every text may use."""
    return [*event.variables, *COMMON_VARIABLES]
