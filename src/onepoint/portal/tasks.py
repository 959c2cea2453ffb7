"""Jobs of the portal."""

from procrastinate.contrib.django import app

from onepoint.portal import services


@app.periodic(cron="*/15 * * * *")
@app.task(name="portal.forget_old", queueing_lock="portal.forget_old", pass_context=False)
def forget_old(timestamp: int) -> None:
    """Filings nobody proved, codes and sessions that are over."""
    services.forget_old()
