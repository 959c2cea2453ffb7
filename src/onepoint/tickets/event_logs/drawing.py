"""A process for a log: one step per activity, and after each step whoever did it says what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from onepoint.core.text import clean

END = "end"
LONGEST_NAME = 120
_COLUMNS, _WIDTH, _HEIGHT, _X, _Y = 6, 150, 110, 240, 60


@dataclass(frozen=True)
class LogProcess:
    """What stands in the drawing: ``steps`` maps an activity of the log to the id of its step."""

    key: str
    name: str
    group: str
    steps: Mapping[str, str]
    transitions: Sequence[str]


def shown_name(activity: str) -> str:
    """The name of a step: one line, not too long."""
    return " ".join(clean(activity).split())[:LONGEST_NAME] or "—"


def step_ids(activities: Sequence[str]) -> dict[str, str]:
    """Ids in the order given; two activities never share one, however alike they read."""
    return {activity: f"a{place}" for place, activity in enumerate(activities, start=1)}


def draw(process: LogProcess) -> str:
    """The drawing as BPMN. The same log gives the same text."""
    first = next(iter(process.steps.values()), END)
    parts = [_HEAD.format(key=process.key, name=quoteattr(process.name))]
    parts.append('    <bpmn:startEvent id="began" name="开始" op:nameEn="Began" />\n')
    parts.append(
        f'    <bpmn:exclusiveGateway id="turn" name="下一活动" op:nameEn="What comes next" default="to_{first}" />\n'
    )
    outcomes = _outcomes(process)
    parts += [_TASK.format(id=step, name=quoteattr(shown_name(activity)), group=process.group, outcomes=outcomes) for activity, step in process.steps.items()]  # fmt: skip
    parts.append('    <bpmn:endEvent id="end" name="结束" op:nameEn="Ended" op:outcome="closed" />\n')
    parts.append('    <bpmn:sequenceFlow id="from_began" sourceRef="began" targetRef="turn" />\n')
    for step in process.steps.values():
        parts.append(_flow(f"to_{step}", "turn", step, "" if step == first else f'next_step = "{step}"'))
        parts.append(_flow(f"from_{step}", step, "turn"))
    parts.append(_flow("to_end", "turn", END, f'next_step = "{END}"' if first != END else ""))
    parts.append("  </bpmn:process>\n" + _picture(process.key, list(process.steps.values())) + "</bpmn:definitions>\n")
    return "".join(parts)


def _outcomes(process: LogProcess) -> str:
    """One way to finish per transition of the log; each asks what comes next."""
    choices = "".join(
        f"<op:choice value={quoteattr(step)} name={quoteattr(shown_name(activity))} />"
        for activity, step in process.steps.items()
    )
    choices += f'<op:choice value="{END}" name="结束" nameEn="End" />'
    # A list of many hundred choices in each of many hundred steps would be a drawing nobody can load.
    kind, inner = ("choice", choices) if len(process.steps) <= 40 else ("text", "")
    asked = f'<op:input name="next_step" type="{kind}" label="下一活动" labelEn="Next activity" required="true">{inner}</op:input>'
    return "".join(
        f"        <op:outcome id={quoteattr(transition)} name={quoteattr(_LABELS.get(transition, transition))}"
        f' nameEn={quoteattr(transition.capitalize())} opinion="optional">{asked}</op:outcome>\n'
        for transition in process.transitions
    )


_LABELS = {
    "complete": "完成", "start": "开始", "schedule": "安排", "assign": "分配", "reassign": "改派", "withdraw": "撤回",
    "suspend": "挂起", "resume": "恢复", "ate_abort": "中止", "pi_abort": "终止", "autoskip": "自动跳过",
    "manualskip": "跳过", "unknown": "未知",
}  # fmt: skip

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:op="urn:onepoint:bpmn" id="{key}_definitions" targetNamespace="urn:onepoint:log">
  <bpmn:process id="{key}" name={name} isExecutable="true">
"""
_TASK = """    <bpmn:userTask id="{id}" name={name} op:status="handling">
      <bpmn:extensionElements>
        <op:assignment rule="group" group="{group}" />
{outcomes}      </bpmn:extensionElements>
    </bpmn:userTask>
"""


def _flow(flow_id: str, source: str, target: str, condition: str = "") -> str:
    if not condition:
        return f'    <bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}" />\n'
    return (
        f'    <bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">'
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        "</bpmn:sequenceFlow>\n"
    )


def _bounds(x: int, y: int, width: int, height: int) -> str:
    return f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}" />'


def _shape(node: str, x: int, y: int, width: int, height: int) -> str:
    return f'      <bpmndi:BPMNShape id="{node}_shape" bpmnElement="{node}">{_bounds(x, y, width, height)}</bpmndi:BPMNShape>\n'


def _edge(flow: str, *points: tuple[int, int]) -> str:
    way = "".join(f'<di:waypoint x="{x}" y="{y}" />' for x, y in points)
    return f'      <bpmndi:BPMNEdge id="{flow}_edge" bpmnElement="{flow}">{way}</bpmndi:BPMNEdge>\n'


def _picture(key: str, steps: list[str]) -> str:
    """The steps in rows beside the gateway; each is reached by a lane above its row and left by one below."""
    rows = max(1, -(-len(steps) // _COLUMNS))
    middle = _Y + rows * _HEIGHT // 2
    parts = [
        f'  <bpmndi:BPMNDiagram id="diagram">\n    <bpmndi:BPMNPlane id="plane" bpmnElement="{key}">\n',
        _shape("began", 40, middle - 18, 36, 36),
        _shape("turn", 130, middle - 25, 50, 50),
        _edge("from_began", (76, middle), (130, middle)),
        _shape(END, 137, middle + 80, 36, 36),
        _edge("to_end", (155, middle + 25), (155, middle + 80)),
    ]
    for place, step in enumerate(steps):
        x, y = _X + 20 + (place % _COLUMNS) * _WIDTH, _Y + (place // _COLUMNS) * _HEIGHT
        centre = x + 55
        parts.append(_shape(step, x, y, 110, 60))
        parts.append(_edge(f"to_{step}", (180, middle), (200, middle), (200, y - 14), (centre, y - 14), (centre, y)))
        parts.append(_edge(f"from_{step}", (centre, y + 60), (centre, y + 74), (220, y + 74), (220, middle + 10), (170, middle + 10)))  # fmt: skip
    return "".join(parts) + "    </bpmndi:BPMNPlane>\n  </bpmndi:BPMNDiagram>\n"
