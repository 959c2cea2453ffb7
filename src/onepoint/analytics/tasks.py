"""Jobs of measures."""

from procrastinate.contrib.django import app

from onepoint.analytics import services


@app.periodic(cron="* * * * *")
@app.task(name="analytics.keep_up", queueing_lock="analytics.keep_up", pass_context=False)
def keep_up(timestamp: int) -> None:
    """Bring the measures up to what happened in the last minute."""
    services.keep_up(by=None)
