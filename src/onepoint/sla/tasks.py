"""Jobs of time."""

from procrastinate.contrib.django import app

from onepoint.sla.services import moments


@app.periodic(cron="53 18 * * *")  # at night in China
@app.task(name="sla.remove_settled_moments", queueing_lock="sla.remove_settled_moments", pass_context=False)
def remove_settled_moments(timestamp: int) -> None:
    """What happened or was cancelled a month ago is forgotten."""
    moments.remove_settled_moments(by=None)
