"""Jobs of tickets."""

from procrastinate.contrib.django import app

from onepoint.tickets import services


@app.task(name="tickets.index_changes", queueing_lock="tickets.index_changes")
def index_changes() -> None:
    """Bring full-text search up to what changed."""
    services.index_changes()


@app.periodic(cron="* * * * *")
@app.task(name="tickets.index_left_overs", queueing_lock="tickets.index_left_overs", pass_context=False)
def index_left_overs(timestamp: int) -> None:
    """Changes whose job was lost in a crash between commit and queue."""
    services.index_changes()
