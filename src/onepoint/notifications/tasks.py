"""Jobs of notifications."""

from procrastinate.contrib.django import app

from onepoint.notifications import services


@app.periodic(cron="7 19 * * *")  # at night in China
@app.task(
    name="notifications.remove_old_notifications",
    queueing_lock="notifications.remove_old_notifications",
    pass_context=False,
)
def remove_old_notifications(timestamp: int) -> None:
    """The list of what people were told stays as long as the house says."""
    services.remove_old_notifications(by=None)


@app.periodic(cron="37 19 * * *")  # at night in China
@app.task(
    name="notifications.remove_old_messages", queueing_lock="notifications.remove_old_messages", pass_context=False
)
def remove_old_messages(timestamp: int) -> None:
    """What colleagues wrote each other stays as long as the house says."""
    services.remove_old_messages(by=None)
