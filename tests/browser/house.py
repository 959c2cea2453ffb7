"""The house the browser journeys run in: the fixed cast on the test server, or the demo on a running one.

``ONEPOINT_JOURNEY_URL=http://127.0.0.1:8000 pytest tests/browser/test_travel_complaint.py`` walks the same journeys in a
house somebody has brought up with ``./onepoint up``, with the demo's people.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

RUNNING_HOUSE = os.environ.get("ONEPOINT_JOURNEY_URL", "").rstrip("/")
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class House:
    """Where it is, who works in it, and who should find a step waiting; everything by the part people play."""

    url: str
    password: str
    logins: dict[str, str]
    phone: str
    customer: str
    network: dict[str, str]  # name of the department by language
    billing: dict[str, str]
    waiting: dict[str, frozenset[str]] = field(default_factory=dict)  # pool, or one person → parts

    def parts(self) -> Iterable[str]:
        return self.logins


CAST_WAITING = {
    "coordinators": frozenset({"coordinator"}),
    "network": frozenset({"interface_person", "deputy"}),
    "interface_person": frozenset({"interface_person"}),
    "billing": frozenset({"billing_interface"}),
    "visitors": frozenset({"visitor"}),
}
DEMO_LOGINS = {
    "agent": "agent1",
    "second_agent": "agent2",
    "coordinator": "wuh.coordinator",
    "interface_person": "wuh.network",
    "deputy": "wuh.network2",
    "billing_interface": "wuh.billing",
    "visitor": "visitor1",
    "second_visitor": "visitor2",
    "supervisor": "duty",
    "admin": "admin",
    "outsider": "yic.coordinator",
}
DEMO_WAITING = {**CAST_WAITING, "visitors": frozenset({"visitor", "second_visitor"})}
#: While the demo's interface person is away, the deputy finds what was given to that person alone.
DEMO_WAITING_WHILE_AWAY = {**DEMO_WAITING, "interface_person": frozenset({"interface_person", "deputy"})}

#: What people read on the pages, in both languages; the pages are driven by it as a reader is.
WORDS = {
    "zh-hans": {
        "coordinate": "工单协调", "receive": "部门接收", "handle": "处理", "review": "部门审核", "redirect": "改派",
        "answer": "答复客户", "follow_up": "回访",
        "in_sequence": "派单（单部门或依次）", "at_once": "派单（多部门同时）", "departments": "承办部门",
        "pass_on": "转下一部门", "next_department": "下一部门", "done": "本人已处理", "assign": "指派处理人",
        "handler": "处理人", "handled": "处理完毕", "approve": "审核通过",
        "cannot": "无法处理，退协调员", "another": "改派其他部门", "give_up": "不再派部门", "finish": "办结",
        "answer_named": "指定人员答复", "answered_by": "答复人", "answer_original": "由原受理人答复",
        "answered": "已答复", "answered_settled": "已答复，客户认可", "settled": "客户认可",
        "sent_back": "退回", "flow": "按流程继续", "straight": "直接送回我",
        "category": "退订套餐", "closed": "已关闭", "opinion": "处理意见", "finish_step": "提交",
    },
    "en": {
        "coordinate": "Coordinate", "receive": "Department receives", "handle": "Handle", "review": "Department reviews",
        "redirect": "Redirect", "answer": "Answer the customer", "follow_up": "Return visit",
        "in_sequence": "Send to a department (one, or one after another)", "at_once": "Send to several departments at once",
        "pass_on": "Pass on to the next department", "next_department": "Next department", "done": "Handled by myself",
        "assign": "Assign a handler", "handler": "Handler", "handled": "Done", "approve": "Approve",
        "cannot": "Cannot handle, back to the coordinator", "another": "Another department",
        "give_up": "No further department", "finish": "Finish", "answer_named": "Answer by a named agent",
        "answered_by": "Answered by", "answer_original": "Answer by the original agent", "answered": "Answered",
        "answered_settled": "Answered, customer satisfied", "settled": "Settled", "sent_back": "Sent back",
        "flow": "on again along the process", "straight": "straight back to me", "category": "cannot cancel",
        "closed": "Closed", "opinion": "Opinion", "finish_step": "Finish this step",
    },
}  # fmt: skip
