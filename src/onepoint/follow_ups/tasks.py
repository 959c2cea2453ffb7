"""Jobs of return visits."""

from procrastinate.contrib.django import app

from onepoint.follow_ups import services


@app.task(name="follow_ups.make_visits", queueing_lock="follow_ups.make_visits")
def make_visits() -> None:
    """Make the visits of tickets just closed."""
    services.make_visits(by=None)


@app.periodic(cron="* * * * *")
@app.task(name="follow_ups.make_left_over_visits", queueing_lock="follow_ups.make_left_over_visits", pass_context=False)
def make_left_over_visits(timestamp: int) -> None:
    """Closings whose job was lost between commit and queue."""
    services.make_visits(by=None)


@app.task(name="follow_ups.look_after_visits", queueing_lock="follow_ups.look_after_visits")
def look_after_visits() -> None:
    """Send the links that are due."""
    services.look_after_links(by=None)


@app.periodic(cron="* * * * *")
@app.task(name="follow_ups.look_after_all", queueing_lock="follow_ups.look_after_all", pass_context=False)
def look_after_all(timestamp: int) -> None:
    """Links that are due, visits nobody answered to, visits whose time is over."""
    services.look_after_links(by=None)
    services.expire_visits(by=None)
