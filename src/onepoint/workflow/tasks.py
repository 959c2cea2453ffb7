"""Jobs of workflow."""

from procrastinate.contrib.django import app

from onepoint.workflow import limits, services


@app.task(name="workflow.run_service_call")
def run_service_call(call: int, visit: int = 0) -> None:
    """Call the handler of a service task."""
    services.run_service_call(call)


@app.task(name="workflow.deliver_message")
def deliver_message(message: int) -> None:
    """Bring a message or signal to the processes that wait for it."""
    services.deliver_message(message)


@app.task(name="workflow.move_instances")
def move_instances(move: int) -> None:
    """Move the next instances of an order to another version."""
    services.move_instances(move)


@app.task(name="workflow.sync_due")
def sync_due(task_ids: list[int]) -> None:
    """Tasks are due when their clocks are, after a calendar was changed."""
    limits.sync_due(task_ids, by=None)


@app.periodic(cron="11 19 * * *")  # at night in China
@app.task(name="workflow.remove_settled_waits", queueing_lock="workflow.remove_settled_waits", pass_context=False)
def remove_settled_waits(timestamp: int) -> None:
    """Timers and messages of months ago are forgotten."""
    services.remove_settled_waits(by=None)
