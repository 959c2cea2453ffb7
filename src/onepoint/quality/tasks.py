"""Jobs of inspection."""

from datetime import date

from procrastinate.contrib.django import app

from onepoint.accounts.queries import find_user
from onepoint.quality.periods import days
from onepoint.quality.queries import plans
from onepoint.quality.services import drawing


@app.periodic(cron="*/10 * * * *")
@app.task(name="quality.draw_due_plans", queueing_lock="quality.draw_due_plans", pass_context=False)
def draw_due_plans(timestamp: int) -> None:
    """Draw the samples of periods that are over; what a killed worker left undone is drawn the next time."""
    drawing.draw_due_plans(by=None)


@app.task(name="quality.draw_days")
def draw_days(plan_id: int, begins_on: str, ends_on: str, person_id: int) -> None:
    """A draw somebody asked for."""
    plan, person = plans.find_plan(plan_id), find_user(person_id)
    if plan is not None and person is not None:
        drawing.draw_plan(plan, days(date.fromisoformat(begins_on), date.fromisoformat(ends_on)), by=person)
