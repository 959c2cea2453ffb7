"""Plays the scripts of ../shared/bpmn_scenarios on the engine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from onepoint.workflow.engine import events
from workflow_engine.scenario_site import Running, Site, Thing


class Failed(AssertionError):
    """An expectation of a scenario does not hold."""


def expect(condition: bool, message: str) -> None:
    if not condition:
        raise Failed(message)


def canonical(tree: list[Any]) -> Any:
    """A tree of activities without order."""
    return sorted(
        (repr(branch) if isinstance(branch, str) else repr([(key, canonical(value)) for key, value in branch.items()]))
        for branch in tree
    )


class Player:
    def __init__(self, folder: Path, scenario: dict[str, Any]) -> None:
        self.scenario = scenario
        self.site = Site(folder, scenario["bpmn"])
        self.found: dict[str, Any] = {}

    def play(self) -> None:
        for number, step in enumerate(self.scenario["ops"]):
            try:
                getattr(self, f"do_{step['op']}")(step)
            except Failed as failure:
                raise Failed(f"step {number} {step}: {failure}") from failure

    # References

    def get(self, reference: Any) -> Any:
        if isinstance(reference, list):
            found = self.found[reference[0]]
            expect(len(found) > reference[1], f"{reference[0]} has only {len(found)}")
            return found[reference[1]]
        return self.found[reference]

    def one(self, reference: Any) -> Any:
        found = self.get(reference)
        expect(found is not None and found != [], f"{reference} is nothing")
        return found[0] if isinstance(found, list) else found

    def instance(self, reference: Any) -> Running:
        found = self.one(reference)
        running: Running = found.instance
        return running

    # Queries

    def query(self, what: str, where: dict[str, Any]) -> list[Any]:
        candidates: dict[str, Any] = {
            "task": self.site.tasks,
            "instance": lambda: self.site.alive,
            "execution": self.site.executions,
            "timer": self.site.timers,
            "job": self.site.timers,
            "subscription": self.site.subscriptions,
        }
        found = list(candidates[what]())
        if what == "execution" and ("message" in where or "signal" in where):
            found = self.site.subscriptions()
        for field, value in where.items():
            found = [thing for thing in found if getattr(self, f"match_{field}")(thing, value)]
        return found

    def match_instance(self, thing: Any, value: Any) -> bool:
        other = self.found.get(value if isinstance(value, str) else value[0])
        if isinstance(value, list):
            other = self.get(value)
        if isinstance(thing, Running) or isinstance(other, Running):
            return other is not None and other != [] and thing.instance is self.instance(value)
        return other is not None and other != [] and thing.instance is self.instance(value)

    def match_execution(self, thing: Thing, value: Any) -> bool:
        other = self.one(value)
        if isinstance(other, Running):
            return thing.instance is other
        return thing.instance is other.instance and thing.visit == other.visit

    def match_key(self, thing: Thing, value: str) -> bool:
        return thing.key == value

    def match_activityId(self, thing: Thing, value: str) -> bool:
        return thing.key == value

    def match_name(self, thing: Thing, value: str) -> bool:
        return bool(self.site.name(thing) == value)

    def match_assignee(self, thing: Thing, value: str) -> bool:
        return self.site.assignee(thing) == value

    def match_candidateGroup(self, thing: Thing, value: str) -> bool:
        return value in self.site.candidates(thing, "candidateGroups") and self.site.assignee(thing) is None

    def match_candidateUser(self, thing: Thing, value: str) -> bool:
        return value in self.site.candidates(thing, "candidateUsers") and self.site.assignee(thing) is None

    def match_processKey(self, thing: Running, value: str) -> bool:
        return thing.key == value

    def match_superInstance(self, thing: Running, value: Any) -> bool:
        return thing.parent is not None and thing.parent[0] is self.instance(value)

    def match_message(self, thing: Thing, value: str) -> bool:
        return thing.kind == "message" and thing.name == value

    def match_signal(self, thing: Thing, value: str) -> bool:
        return thing.kind == "signal" and thing.name == value

    def match_timers(self, thing: Thing, value: bool) -> bool:
        return thing.kind == "timer"

    def match_onlyChildExecutions(self, thing: Thing, value: bool) -> bool:
        return thing.kind != "root"

    def order(self, found: list[Any], order: list[Any]) -> list[Any]:
        if order and order[0] == "TaskName":
            return sorted(found, key=lambda thing: str(self.site.name(thing)), reverse=order[1] == "desc")
        if order and order[0] == "TaskAssignee":
            return sorted(found, key=lambda thing: str(self.site.assignee(thing)), reverse=order[1] == "desc")
        return found

    # Steps that act

    def do_start(self, step: dict[str, Any]) -> None:
        self.found[step["as"]] = self.site.start(step["key"], step["vars"])

    def do_start_message(self, step: dict[str, Any]) -> None:
        self.found[step["as"]] = self.site.start_by("message", step["key"], step["vars"])

    def do_find(self, step: dict[str, Any]) -> None:
        found = self.order(self.query(step["what"], step["where"]), step.get("order", []))
        self.found[step["as"]] = found if step.get("many") else (found[0] if found else None)

    def complete(self, task: Thing, variables: dict[str, Any] | None = None) -> None:
        expect(task.visit in task.instance.world.tasks, f"{task.key} is not open")
        self.site.do(task.instance, events.CompleteTask(task.visit, variables or {}))

    def do_complete(self, step: dict[str, Any]) -> None:
        self.complete(self.one(step["task"]), step.get("vars"))

    def do_complete_by_key(self, step: dict[str, Any]) -> None:
        found = self.query("task", {"key": step["key"]})
        expect(bool(found), f"no task {step['key']}")
        self.complete(found[0])

    def do_complete_all(self, step: dict[str, Any]) -> None:
        for task in self.get(step["of"]) or []:
            self.complete(task)

    def do_complete_until_none(self, step: dict[str, Any]) -> None:
        running = self.instance(step["instance"])
        for _round in range(100):
            tasks = [task for task in self.site.tasks() if task.instance is running]
            if not tasks:
                return
            self.complete(tasks[0])
        raise Failed("there is always another task")

    def do_message(self, step: dict[str, Any]) -> None:
        if "execution" in step:
            thing = self.one(step["execution"])
            found = [t for t in self._listening("message", step["name"]) if self._is_at(t, thing)]
            found = found or [t for t in self._listening("message", step["name"]) if t.key == thing.key]
        else:
            found = self._listening("message", step["name"])
            if not found:
                self.site.start_by("message", step["name"], {})
                return
        expect(bool(found), f"nobody waits for the message {step['name']}")
        self._deliver(found[0], step.get("vars") or {})

    def _listening(self, kind: str, name: str) -> list[Thing]:
        return [thing for thing in self.site.subscriptions() if thing.kind == kind and thing.name == name]

    def _is_at(self, listener: Thing, thing: Any) -> bool:
        if isinstance(thing, Running):
            return listener.instance is thing
        return listener.instance is thing.instance and (listener.visit == thing.visit or thing.kind == "root")

    def _deliver(self, listener: Thing, variables: dict[str, Any]) -> None:
        event = events.MessageArrived if listener.kind == "message" else events.SignalArrived
        self.site.do(listener.instance, event(listener.visit, listener.key, variables))

    def do_signal(self, step: dict[str, Any]) -> None:
        if "execution" in step:
            thing = self.one(step["execution"])
            found = [t for t in self._listening("signal", step["name"]) if self._is_at(t, thing)]
            expect(bool(found), f"nobody there waits for the signal {step['name']}")
            self._deliver(found[0], {})
            return
        self.site.broadcast(step["name"], {})
        self.site.settle()

    def do_trigger(self, step: dict[str, Any]) -> None:
        thing = self.one(step["execution"])
        running = thing.instance
        waits = running.world.state.waits
        if isinstance(thing, Running) or thing.kind == "root":
            places = [(visit, node) for visit, nodes in waits.items() for node in nodes]
        else:
            places = [(thing.visit, node) for node in waits.get(thing.visit, ())]
        expect(bool(places), "nothing there waits")
        self.site.do(running, events.MessageArrived(*places[0], step.get("vars") or {}))

    def do_fire_job(self, step: dict[str, Any]) -> None:
        timer = self.one(step["job"])
        armed = timer.instance.world.timers.get((timer.visit, timer.key))
        expect(armed is not None, "the timer is gone")
        self.site.do(timer.instance, events.TimerFired(timer.visit, timer.key, more=armed.kind == "cycle"))

    def do_set_var(self, step: dict[str, Any]) -> None:
        thing = self.one(step["on"])
        scope = thing.scope if isinstance(thing, Thing) else 0
        self.site.do(thing.instance, events.SetVariables({step["name"]: step["value"]}, scope))

    def do_claim(self, step: dict[str, Any]) -> None:
        self.do_setAssignee(step)

    def do_setAssignee(self, step: dict[str, Any]) -> None:
        task = self.one(step["task"])
        self.site.assignees[task.instance.number, task.visit] = step["user"]

    def do_delete_instance(self, step: dict[str, Any]) -> None:
        running = self.instance(step["instance"])
        expect(not running.world.state.is_over, "the instance is over already")
        self.site.do(running, events.Terminate())
        if running.parent is not None:
            # Both engines cancel the call activity with the called instance.
            caller, visit = running.parent
            self.site.do(caller, events.Jump((events.CancelVisit(visit),)))

    def do_change_state(self, step: dict[str, Any]) -> None:
        running: Running | None = None
        moves: list[events.JumpStep] = []
        for what, *arguments in step["steps"]:
            if what == "instance":
                running = self.instance(arguments[0])
            elif what == "moveActivityIdTo":
                moves += [events.CancelNode(arguments[0]), events.Activate(arguments[1])]
            elif what == "moveExecutionToActivityId":
                thing = self.one(arguments[0])
                running = running or thing.instance
                moves += [events.CancelVisit(thing.visit), events.Activate(arguments[1])]
        assert running is not None
        self.site.do(running, events.Jump(tuple(moves)))

    def do_modify(self, step: dict[str, Any]) -> None:
        running: Running | None = None
        moves: list[events.JumpStep] = []
        for what, *arguments in step["steps"]:
            if what == "instance":
                running = self.instance(arguments[0])
                continue
            assert running is not None
            moves += self._modification(running, what, arguments[0])
        assert running is not None
        self.site.do(running, events.Jump(tuple(moves)))

    def _modification(self, running: Running, what: str, target: str) -> list[events.JumpStep]:
        node, _hash, whole = target.partition("#")
        if what == "cancelAllForActivity":
            return [events.CancelNode(node)]
        if what == "cancelInstanceOf":
            tokens = [t for t in running.world.state.tokens.values() if t.node == node]
            expect(bool(tokens), f"nothing is at {node}")
            return [events.CancelVisit(tokens[0].visit)]
        if what == "startTransition":
            return [events.Activate(node, "flow")]
        return [events.Activate(node, "after" if what == "startAfterActivity" else "before", body=bool(whole))]

    # Steps that expect

    def do_expect_count(self, step: dict[str, Any]) -> None:
        found = self.query(step["what"], step["where"])
        expect(len(found) == step["n"], f"found {len(found)}")

    def do_expect_size(self, step: dict[str, Any]) -> None:
        expect(len(self.get(step["of"]) or []) == step["n"], f"has {len(self.get(step['of']) or [])}")

    def do_expect_some(self, step: dict[str, Any]) -> None:
        # Behind it stands "is not null", which holds of an empty list too.
        expect(self.get(step["of"]) is not None, "is nothing")

    def do_expect_none(self, step: dict[str, Any]) -> None:
        found = self.get(step["of"])
        if isinstance(found, Running):
            expect(found.world.state.is_over, "is alive")
        else:
            expect(found in (None, []), "is something")

    def attribute(self, thing: Any, name: str) -> Any:
        if name in ("key", "activityId"):
            return thing.key
        if name == "name":
            return self.site.name(thing)
        return self.site.assignee(thing, name)

    def do_expect_attr(self, step: dict[str, Any]) -> None:
        value = self.attribute(self.one(step["of"]), step["attr"])
        expect(value == step["value"], f"is {value!r}")

    def do_expect_list(self, step: dict[str, Any]) -> None:
        values = [self.attribute(thing, step["attr"]) for thing in self.get(step["of"]) or []]
        wanted = step["values"]
        if step["ordered"]:
            expect(values == wanted, f"is {values}")
        else:
            # The assertion behind it may be "contains only", which does not count.
            expect(set(map(str, values)) == set(map(str, wanted)), f"is {values}")

    def do_expect_ended(self, step: dict[str, Any]) -> None:
        expect(self.instance(step["instance"]).world.state.is_over, "is alive")

    def do_expect_active(self, step: dict[str, Any]) -> None:
        expect(not self.instance(step["instance"]).world.state.is_over, "is over")

    def do_expect_var(self, step: dict[str, Any]) -> None:
        thing = self.one(step["on"])
        scope = thing.scope if isinstance(thing, Thing) else 0
        value = thing.instance.world.state.visible(scope).get(step["name"])
        expect(value == step["value"], f"is {value!r}")

    def do_expect_tree(self, step: dict[str, Any]) -> None:
        tree = self.site.tree(self.instance(step["instance"]))
        expect(canonical(tree) == canonical(step["tree"]), f"is {tree}")

    def do_expect_active_ids(self, step: dict[str, Any]) -> None:
        thing = self.one(step["on"])
        tokens = thing.instance.world.state.tokens.values()
        ids = [t.node for t in tokens if isinstance(thing, Running) or t.visit == thing.visit or thing.kind == "root"]
        expect(Counter(ids) == Counter(step["values"]), f"is {ids}")
