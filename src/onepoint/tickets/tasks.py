"""Jobs of tickets."""

from procrastinate.contrib.django import app

from onepoint.tickets import services
from onepoint.tickets.services import telling


@app.task(name="tickets.index_changes", queueing_lock="tickets.index_changes")
def index_changes() -> None:
    """Bring full-text search up to what changed."""
    services.index_changes()


@app.periodic(cron="* * * * *")
@app.task(name="tickets.index_left_overs", queueing_lock="tickets.index_left_overs", pass_context=False)
def index_left_overs(timestamp: int) -> None:
    """Changes whose job was lost in a crash between commit and queue."""
    services.index_changes()


@app.task(name="tickets.close_waiting_parent")
def close_waiting_parent(ticket_id: int) -> None:
    """A child ticket is finished: close the parent if it only waited for that."""
    services.close_waiting_parent(ticket_id, by=None)


@app.task(name="tickets.tell_followers")
def tell_followers(ticket_id: int, event: str, key: str, reason: str, by_id: int | None) -> None:
    """Those who watch a ticket hear that it ended or lives again."""
    telling.tell_followers(ticket_id, event, key=key, reason=reason, by=telling.author(by_id))


@app.periodic(cron="* * * * *")
@app.task(name="tickets.open_scheduled_tickets", queueing_lock="tickets.open_scheduled_tickets", pass_context=False)
def open_scheduled_tickets(timestamp: int) -> None:
    """Open the tickets that are due by schedule."""
    services.open_scheduled_tickets(by=None)


@app.periodic(cron="* * * * *")
@app.task(name="tickets.resume_held_tickets", queueing_lock="tickets.resume_held_tickets", pass_context=False)
def resume_held_tickets(timestamp: int) -> None:
    """Let tickets go on whose rest is over."""
    services.resume_held_tickets(by=None)


@app.task(name="tickets.run_batch")
def run_batch(run_id: int) -> None:
    """Go on with something that is done to many tickets."""
    services.run_batch(run_id, by=None)


@app.periodic(cron="* * * * *")
@app.task(name="tickets.continue_batches", queueing_lock="tickets.continue_batches", pass_context=False)
def continue_batches(timestamp: int) -> None:
    """Batches whose worker was lost go on with another one."""
    services.continue_batches(by=None)


@app.task(name="tickets.attach_to_incident")
def attach_to_incident(incident_id: int, ticket_id: int) -> None:
    """A new ticket belongs to a mass incident that takes its tickets by itself."""
    services.attach_by_itself(incident_id, ticket_id, by=None)


@app.task(name="tickets.sync_due")
def sync_due(ticket_ids: list[int]) -> None:
    """The due moments of tickets follow their clocks after a calendar was changed."""
    services.sync_due(ticket_ids, by=None)
