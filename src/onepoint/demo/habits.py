"""What the demo's people decide at the steps of the other delivered processes: drawn from ``data/habits.yaml``."""

from datetime import timedelta
from typing import Any

from onepoint.accounts.models import OrgUnit
from onepoint.core import clock
from onepoint.demo.choices import Choices, Decision, Step
from onepoint.demo.reading import read
from onepoint.workflow.definitions import compiled
from onepoint.workflow.steps import InputSpec


class Habits(Choices):
    """Decides at every step: the complaint by its own rules, the others by habit."""

    def decide(self, step: Step) -> Decision:
        usual = read("habits").get(step.task.process_key)
        if usual is None:
            return super().decide(step)
        outcomes = usual[step.task.node_id]
        chosen = self._draw(**{outcome: weight for outcome, (weight, *_words) in outcomes.items()})
        words = outcomes[chosen][1:]
        spec = compiled(step.task.instance.version_id).steps[step.task.node_id].outcome(chosen)
        assert spec is not None, (step.task.process_key, step.task.node_id, chosen)
        inputs = {entry.name: self._enter(step, entry) for entry in spec.inputs}
        return Decision(chosen, self.random.choice(words) if words else "", inputs)

    def _enter(self, step: Step, entry: InputSpec) -> Any:
        match entry.type:
            case "unit":
                return self._departments(step)[0].pk
            case "units":
                return [unit.pk for unit in self._departments(step)[: max(entry.minimum, 2)]]
            case "user":
                return self._colleague(step)
            case "datetime":
                return clock.now() + timedelta(days=self.random.uniform(1, 9))
            case "choice":
                return self.random.choice(entry.choices).value
        return None

    def _colleague(self, step: Step) -> int:
        """Somebody of the department who works on tickets, himself where he is alone."""
        unit, himself = step.task.unit_id, step.person.pk
        others = [
            person
            for person in self.people.values()
            if person.unit_id == unit and person.pk != himself and person.may("ticket.view")
        ]
        return self.random.choice(others).pk if others else step.person.pk

    def _departments(self, step: Step) -> list[OrgUnit]:
        """Requests of colleagues go to the departments of their own house."""
        if step.branch != "internal":
            return super()._departments(step)
        machine = step.ticket.unit is not None and step.ticket.unit.code.startswith("mt")
        codes = ["mt-parts", "mt-dispatch", "mt-lathe-service"] if machine else ["op-it", "op-market", "op-network"]
        first = self.random.randrange(1 if step.ticket.category.code == "in_parts_plan" else 3)
        return [self.units[code] for code in (*codes[first:], *codes[:first])]
