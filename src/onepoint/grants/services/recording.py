"""What every write of grants does beside the write: the journal of the grant and of what it is about, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.grants.models import Grant
from onepoint.notifications.services import notify


def record(verb: str, grant: Grant, *, by: User | None, **facts: Any) -> None:
    """One entry in the journal of the grant, and the same in that of its ticket and its contact."""
    told: dict[str, Any] = {
        "number": grant.number, "kind": grant.kind.name, "kind_en": grant.kind.name_en, "amount": str(grant.amount),
        "unit": grant.kind.unit, **facts,
    }  # fmt: skip
    audit.record(verb, by=by, subject_type="grant", subject_id=grant.pk, **told)
    if grant.ticket_id:
        audit.record(verb, by=by, subject_type="ticket", subject_id=grant.ticket_id, **told)
    if grant.contact_id:
        audit.record(verb, by=by, subject_type="contact", subject_id=grant.contact_id, **told)


def tell(
    event: str, grant: Grant, people: Iterable[int], *, key: str, by: User | None, **facts: str | datetime
) -> None:
    """Notify people of a grant; whoever did it knows."""
    others = {person for person in people if by is None or person != by.pk}
    if others:
        told: dict[str, str | datetime] = {
            "number": grant.number, "kind": grant.kind.name, "kind_en": grant.kind.name_en or grant.kind.name,
            "amount": f"{grant.amount:,.2f}", **facts,
        }  # fmt: skip
        notify(
            event, others, key=f"{event}/{grant.pk}/{key}", facts=told, subject=("grant", grant.pk),
            url=grant.get_absolute_url(), by=by,
        )  # fmt: skip
