"""What every write about a mark does beside the write: the journals of the mark and of its ticket, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.notifications.services import notify
from onepoint.quality.models import Mark


def facts_of(mark: Mark) -> dict[str, Any]:
    """What sentences about a mark are made of."""
    return {
        "number": mark.number, "code": mark.code.code, "name": mark.code.name, "name_en": mark.code.name_en,
        "person": mark.person.name, "person_en": mark.person.name_en,
    }  # fmt: skip


def record(verb: str, mark: Mark, *, by: User | None, **facts: Any) -> None:
    """One entry in the journal of the mark and one in the ticket's."""
    told = facts_of(mark) | facts
    audit.record(f"mark.{verb}", by=by, subject_type="mark", subject_id=mark.pk, **told)
    audit.record(f"ticket.mark_{verb}", by=by, subject_type="ticket", subject_id=mark.ticket_id, **told)


def tell(
    event: str, mark: Mark, people: Iterable[int | None], *, by: User | None, key: str = "", **facts: str | datetime
) -> None:
    """Notify people of a mark; whoever did it knows."""
    others = {person for person in people if person and (by is None or person != by.pk)}
    if others:
        told: dict[str, str | int | datetime] = {
            "number": mark.number, "ticket": mark.ticket.number, "code": mark.code.code, "name": mark.code.name,
            "name_en": mark.code.name_en or mark.code.name, **facts,
        }  # fmt: skip
        notify(
            event, others, key=f"{event}/{mark.pk}/{key}", facts=told, subject=("mark", mark.pk),
            url=mark.get_absolute_url(), by=by,
        )  # fmt: skip
