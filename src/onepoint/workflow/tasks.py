"""Jobs of workflow."""

from procrastinate.contrib.django import app

from onepoint.workflow import services


@app.task(name="workflow.run_service_call")
def run_service_call(call: int, visit: int = 0) -> None:
    """Call the handler of a service task."""
    services.run_service_call(call)
