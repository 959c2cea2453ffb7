"""Timers that fired and messages that were taken are forgotten after some months; what waits never is."""

from datetime import timedelta

from cast import Cast
from onepoint.core import clock
from onepoint.workflow import services
from onepoint.workflow.models import ProcessMessage, Timer
from onepoint.workflow.services.tidying import KEPT
from workflow.conftest import check_instance, start
from workflow.test_fire_timer import NOON, begun, tick, watched


def test_settled_timers_and_messages_are_forgotten_and_waiting_ones_kept(cast: Cast) -> None:
    fired = begun(cast, watched("PT2H"))
    tick(timedelta(hours=3))
    with clock.at(NOON):
        waiting = start("watched", cast.agent, region=cast.east)
        services.send_message("nobody", key="m1", by=None)
        services.send_message("later", key="m2", kept=timedelta(days=400), by=None)
    with clock.at(NOON + timedelta(days=10)):
        services.sweep_messages()
    assert ProcessMessage.objects.get(key="m1").status == "expired"
    with clock.at(NOON + KEPT):
        assert services.remove_settled_waits(by=None) == 0
    with clock.at(NOON + KEPT + timedelta(days=30)):
        assert services.remove_settled_waits(by=None) == 2
    assert list(Timer.objects.values_list("instance_id", flat=True)) == [waiting.id]
    assert list(ProcessMessage.objects.values_list("key", flat=True)) == ["m2"]
    check_instance(fired.id)
