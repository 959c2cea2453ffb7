"""Jobs of the API."""

from procrastinate.contrib.django import app

from onepoint.integrations import services


@app.periodic(cron="41 * * * *")
@app.task(name="integrations.forget_old_answers", queueing_lock="integrations.forget_old_answers", pass_context=False)
def forget_old_answers(timestamp: int) -> None:
    """The memory of answered requests stays as large as two days."""
    services.forget_old_answers()
