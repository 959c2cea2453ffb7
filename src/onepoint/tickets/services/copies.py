"""Copies (抄送): people who are told of a ticket and may read along."""

from collections.abc import Iterable

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.tickets.models import Watcher
from onepoint.tickets.services.progress import show_ticket_to


@transaction.atomic(savepoint=False)  # part of the command that sent the copies
def add_watchers(ticket_id: int, people: Iterable[User], *, by: User | None) -> None:
    """Put a ticket on other people's watch lists and let them see it; the copying itself is what is journaled."""
    chosen = list(people)
    rows = [Watcher(ticket_id=ticket_id, user=person, since=clock.now(), is_copied=True) for person in chosen]
    # Who watches it already has it in sight; the copy stays where the reader looks for copies.
    Watcher.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "ticket"], update_fields=["is_copied"]
    )
    show_ticket_to(ticket_id, [f"P{person.pk}" for person in chosen], by=by)
