"""What the demo's people decide at each step of the complaint process, and what they write."""

import random
from dataclasses import dataclass, field
from typing import Any

from onepoint.accounts.models import InterfacePerson, OrgUnit, User
from onepoint.demo.reading import read
from onepoint.tickets.models import Ticket
from onepoint.workflow.models import Opinion, UserTask

#: Which department of a city looks into a branch of the category tree; the province's own does it where a city has none.
_DEPARTMENTS = {
    "mobile_voice": "network", "mobile_data": "network", "broadband": "network", "fixed_line": "network",
    "television": "network", "enterprise": "network", "billing": "billing", "value_added": "billing", "plans": "market",
    "handling": "market", "service": "market", "security": "network",
}  # fmt: skip
_MACHINE_UNITS = ("mt-lathe-service", "mt-mill-service", "mt-gear-service", "mt-dispatch", "mt-parts")


@dataclass(frozen=True)
class Step:
    """A task somebody is about to finish."""

    task: UserTask
    person: User
    ticket: Ticket
    branch: str


@dataclass(frozen=True)
class Decision:
    """An outcome of the step with its inputs and opinion."""

    outcome: str
    opinion: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)


class Choices:
    """Draws decisions from a seeded generator; one method per step of the process."""

    def __init__(self, chance: random.Random, people: dict[str, User], units: dict[str, OrgUnit]) -> None:
        self.random = chance
        self.people = people
        self.units = units
        self._staffed = set(InterfacePerson.objects.values_list("unit_id", flat=True))

    def decide(self, step: Step) -> Decision:
        return getattr(self, f"_at_{step.task.node_id}")(step)

    def _say(self, what: str) -> str:
        return self.random.choice(read("stories")[what])

    def _done(self, step: Step) -> str:
        return self.random.choice(read("stories")[step.branch]["done"]).format(
            place=step.ticket.region.name if step.ticket.region else ""
        )

    def _draw(self, **weights: float) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _departments(self, step: Step) -> list[OrgUnit]:
        """Departments that could look into the ticket, the likeliest first."""
        if step.branch in ("machine_tools", "machine_service"):
            candidates = [self.units[code] for code in self.random.sample(_MACHINE_UNITS, 3)]
        else:
            wanted = _DEPARTMENTS[step.branch]
            city = step.ticket.region.code.split("-")[0].lower() if step.ticket.region else "op"
            codes = [f"{city}-{wanted}", f"op-{wanted}", f"{city}-network", "op-network", "op-billing", "op-market"]
            candidates = [self.units[code] for code in dict.fromkeys(codes) if code in self.units]
        return [unit for unit in candidates if unit.pk in self._staffed]

    # -- the steps, by the id they have in the drawing --------------------------------------------------------------

    def _at_coordinate(self, step: Step) -> Decision:
        if Opinion.objects.filter(instance=step.task.instance_id).exclude(task__node_id="coordinate").exists():
            return self._after_departments(step)
        outcome = self._draw(
            departments_in_sequence=72,
            departments_at_once=10,
            answer_original=7,
            send_back_for_correction=4,
            finish=4,
            abort=3,
        )
        departments = self._departments(step)
        if outcome == "departments_at_once" and len(departments) < 2:
            outcome = "departments_in_sequence"
        if outcome == "departments_in_sequence":
            return Decision(outcome, self._say("coordinate"), {"departments": [departments[0].pk]})
        if outcome == "departments_at_once":
            return Decision(outcome, self._say("coordinate"), {"departments": [unit.pk for unit in departments[:2]]})
        words = {
            "finish": "核实为咨询解释类，已当场答复客户，办结。",
            "abort": "与前单重复，本单作废。",
            "send_back_for_correction": "请补充装机地址和联系时间。",
        }
        return Decision(outcome, words.get(outcome, "无需派单，请直接答复客户。"))

    def _after_departments(self, step: Step) -> Decision:
        if step.ticket.created_by_id and self.random.random() < 0.7:
            return Decision("answer_original", "处理结果清楚，请答复客户。")
        crew = ("mt.agent", "mt.agent2") if step.branch.startswith("machine") else ("agent2", "agent4", "crisis")
        return Decision(
            "answer_named", "请按处理结果答复客户并说明原因。", {"answer_by": self.people[self.random.choice(crew)].pk}
        )

    def _at_correct(self, step: Step) -> Decision:
        return Decision("corrected", "已与客户核对并补充。")

    def _at_receive(self, step: Step) -> Decision:
        unit = step.task.unit_id
        colleagues = [
            person for person in self.people.values() if person.unit_id == unit and person.pk != step.person.pk
        ]
        outcome = self._draw(done=45, assign_handler=44 if colleagues else 0, pass_on=6, cannot_handle=5)
        if outcome == "assign_handler":
            return Decision(outcome, self._say("assign"), {"handler": self.random.choice(colleagues).pk})
        if outcome == "pass_on":
            others = [department for department in self._departments(step) if department.pk != unit]
            if others:
                return Decision(outcome, "本部门部分已处理，请下一部门继续。", {"department": others[0].pk})
            outcome = "done"
        return Decision(outcome, self._say("cannot") if outcome == "cannot_handle" else self._done(step))

    def _at_handle(self, step: Step) -> Decision:
        return Decision("done", self._done(step))

    def _at_review(self, step: Step) -> Decision:
        if self.random.random() < 0.06:
            return Decision("again", "说明不够清楚，请补充现场测试数据。")
        return Decision("approve", self._say("review"))

    def _at_redirect(self, step: Step) -> Decision:
        others = [department for department in self._departments(step) if department.pk != step.task.unit_id]
        if not others:
            return Decision("give_up", "无合适部门，由协调员直接答复。")
        return Decision("another_department", "改派处理。", {"department": self.random.choice(others).pk})

    def _at_answer(self, step: Step) -> Decision:
        outcome = self._draw(answered=74, answered_and_settled=24, need_more=2)
        return Decision(
            outcome, "客户要求书面说明，请部门补充原因。" if outcome == "need_more" else self._say("answers")
        )

    def _at_follow_up(self, step: Step) -> Decision:
        if self.random.random() < 0.1:
            return Decision("not_settled", self._say("visits_not_settled"))
        return Decision("settled", self._say("visits_settled"))
