"""Jobs of time."""

from procrastinate.contrib.django import app

from onepoint.sla.services import calendar_changes, calendar_days, moments


@app.periodic(cron="53 18 * * *")  # at night in China
@app.task(name="sla.remove_settled_moments", queueing_lock="sla.remove_settled_moments", pass_context=False)
def remove_settled_moments(timestamp: int) -> None:
    """What happened or was cancelled a month ago is forgotten."""
    moments.remove_settled_moments(by=None)


@app.periodic(cron="*/5 * * * *")  # what a crash swallowed
@app.task(
    name="sla.recompute_clocks", queueing_lock="sla.recompute_clocks", lock="sla.recompute_clocks", pass_context=False
)
def recompute_clocks(timestamp: int = 0) -> None:
    """Set the running clocks right after changes of calendars."""
    calendar_changes.settle_changes(by=None)


@app.periodic(cron="37 18 * * *")  # at night in China
@app.task(name="sla.fill_missing_years", queueing_lock="sla.fill_missing_years", pass_context=False)
def fill_missing_years(timestamp: int) -> None:
    """What a new release knows of public holidays is filled in by itself."""
    calendar_days.fill_missing_years(by=None)
