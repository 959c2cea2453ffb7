"""Thousands of timers due at once fire in the background while people work on."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from cast import Cast
from onepoint.core import clock
from onepoint.workflow import services
from onepoint.workflow.models import Timer
from workflow.conftest import check_instance, publish, start
from workflow.test_fire_timer import NOON, watched


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_people_finish_steps_while_many_timers_fire(cast: Cast) -> None:
    """Each firing holds only its own instance, so a command on another one never waits for the whole pile."""
    publish(watched("PT1H", cancels="false"))
    with clock.at(NOON):
        many = [start("watched", cast.agent, region=cast.east) for _instance in range(60)]
        other = start("watched", cast.agent, region=cast.east)
    Timer.objects.filter(instance=other.id).update(due_at=NOON + timedelta(days=30))

    def fire() -> None:
        try:
            with clock.at(NOON + timedelta(hours=1)):
                while Timer.objects.filter(status="waiting", due_at__lte=clock.now()).exists():
                    services.fire_due_timers()
        finally:
            connection.close()

    workers = [threading.Thread(target=fire) for _worker in range(2)]
    for worker in workers:
        worker.start()
    while not Timer.objects.filter(status="fired").exists():
        time.sleep(0.01)
    other.do("work", cast.agent, "done")
    for worker in workers:
        worker.join(60)
    assert other.row.status == "completed"
    for running in many:
        assert running.nodes() == ["late", "work"]
        check_instance(running.id)
