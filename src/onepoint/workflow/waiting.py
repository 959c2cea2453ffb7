"""What one command begins and ends to wait for beside people, collected into rows of ``workflow_apply``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from onepoint.core import clock
from onepoint.workflow.definitions import Compiled
from onepoint.workflow.engine import effects as fx
from onepoint.workflow.moments import Place, first_due, timer_text

Row = dict[str, Any]
#: A message nobody waits for is kept this long.
MESSAGE_KEPT = timedelta(days=7)

Waiting = (
    fx.ScheduleTimer | fx.CancelTimer | fx.Subscribe | fx.Unsubscribe | fx.ThrowMessage | fx.ThrowSignal | fx.MoveWait
)


def correlation_text(value: Any) -> str:
    """A correlation value as it is compared: 5, 5.0 and "5" are the same case."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        return str(int(number)) if number == number.to_integral_value() else format(number.normalize(), "f")
    return (value.isoformat() if hasattr(value, "isoformat") else str(value))[:200]


@dataclass
class Waits:
    """Timers, subscriptions and thrown events of one command. What begins and ends within it leaves no row."""

    compiled: Compiled
    place: Place
    entered_at: Callable[[int], datetime]  # when a visit began
    timers: dict[tuple[int, str], Row] = field(default_factory=dict)
    timers_ended: list[Row] = field(default_factory=list)
    subscriptions: dict[tuple[int, str], Row] = field(default_factory=dict)
    subscriptions_ended: list[Row] = field(default_factory=list)
    thrown: list[Row] = field(default_factory=list)
    moved: list[Row] = field(default_factory=list)
    unreadable: list[tuple[str, int, str]] = field(default_factory=list)  # node, visit, why

    def take(self, effect: Waiting) -> None:
        match effect:
            case fx.ScheduleTimer():
                self._schedule(effect)
            case fx.CancelTimer():
                if self.timers.pop((effect.visit, effect.node_id), None) is None:
                    self.timers_ended.append({"visit_seq": effect.visit, "node_id": effect.node_id})
            case fx.Subscribe():
                self.subscriptions[effect.visit, effect.node_id] = {
                    "visit_seq": effect.visit, "node_id": effect.node_id, "kind": effect.kind,
                    "name": effect.name[:120], "correlation": correlation_text(effect.correlation),
                }  # fmt: skip
            case fx.Unsubscribe():
                if self.subscriptions.pop((effect.visit, effect.node_id), None) is None:
                    self.subscriptions_ended.append({"visit_seq": effect.visit, "node_id": effect.node_id})
            case fx.ThrowMessage():
                self._throw("message", effect.name, correlation_text(effect.correlation), effect.variables)
            case fx.ThrowSignal():
                self._throw("signal", effect.name, "", effect.variables)
            case fx.MoveWait():
                row = {"visit_seq": effect.visit, "old": effect.old_node_id, "node_id": effect.node_id}
                self.moved.append(row)

    def _schedule(self, effect: fx.ScheduleTimer) -> None:
        node = self.compiled.process.nodes[effect.node_id]
        calendar = node.event.extension.attribute("op:calendar") or ""
        try:
            due = first_due(effect.kind, effect.value, calendar, self.entered_at(effect.visit), self.place)
        except (ValueError, OverflowError) as error:
            self.unreadable.append((effect.node_id, effect.visit, str(error)))
            return
        self.timers[effect.visit, effect.node_id] = {
            "visit_seq": effect.visit, "node_id": effect.node_id, "kind": effect.kind,
            "value": timer_text(effect.value)[:200], "calendar": calendar[:40], "round": 0, "rounds": due.rounds,
            "due_at": due.at,
        }  # fmt: skip

    def _throw(self, kind: str, name: str, correlation: str, variables: Any) -> None:
        self.thrown.append(
            {
                "kind": kind, "name": name[:120], "correlation": correlation, "variables": dict(variables),
                "expires_at": clock.now() + MESSAGE_KEPT,
            }
        )  # fmt: skip

    def parts(self) -> dict[str, Any]:
        return {
            "timers": list(self.timers.values()), "timers_ended": self.timers_ended,
            "subscriptions": list(self.subscriptions.values()), "subscriptions_ended": self.subscriptions_ended,
            "thrown": self.thrown, "moved_waits": self.moved,
        }  # fmt: skip
