"""Questionnaires, rules and risk words every house starts with; then they are its own to change."""

from typing import Any

from onepoint.tickets.states import TicketKind

_SETTLED = {
    "label": "您反映的问题解决了吗？", "label_en": "Has your problem been solved?", "type": "choice", "is_required": True,
    "options": [
        {"label": "已解决，满意", "label_en": "Solved, satisfied"},
        {"label": "基本解决", "label_en": "Mostly solved"},
        {"label": "没有解决，不满意", "label_en": "Not solved, not satisfied", "is_bad": True},
    ],
}  # fmt: skip
_WORDS = {
    "label": "您还有什么要告诉我们的？", "label_en": "Is there anything else you want to tell us?", "type": "text",
}  # fmt: skip


def _scale(label: str, label_en: str) -> dict[str, Any]:
    return {"label": label, "label_en": label_en, "type": "scale", "is_required": False, "bad_below": 0}


_OPENING = "您好，我是客服中心的回访员。您反映的问题我们已经处理，想占用您一分钟了解一下结果，可以吗？"
_OPENING_EN = (
    "Hello, this is the customer service centre. Your request has been dealt with; may I ask you about it for a minute?"
)
_CLOSING = "感谢您的配合。如有其他问题，请随时联系我们。再见。"
_CLOSING_EN = "Thank you for your time. Please contact us whenever you need us. Goodbye."
_FRAME = {"opening": _OPENING, "opening_en": _OPENING_EN, "closing": _CLOSING, "closing_en": _CLOSING_EN}

SERVICE_KINDS = [TicketKind.REPAIR.value, TicketKind.INSTALLATION.value]

#: Code → (name, English name, kinds, schema).
QUESTIONNAIRES: dict[str, tuple[str, str, list[str], dict[str, Any]]] = {
    "complaint_visit": ("投诉回访问卷", "Return visit after a complaint", [TicketKind.COMPLAINT.value], {
        **_FRAME,
        "questions": [
            _SETTLED,
            _scale("答复是否清楚？", "Was the answer clear?"),
            _scale("处理速度是否满意？", "Was it dealt with quickly enough?"),
            _scale("对处理结果是否满意？", "Are you satisfied with the result?"),
            _WORDS,
        ],
    }),
    "service_visit": ("服务回访问卷", "Return visit after a service", SERVICE_KINDS, {
        **_FRAME,
        "questions": [
            _SETTLED,
            _scale("工程师服务态度如何？", "How was the engineer's attitude?"),
            _scale("工程师技术水平如何？", "How was the engineer's skill?"),
            _scale("上门是否及时？", "Did the engineer come promptly?"),
            _scale("配件到货是否及时？", "Did the parts arrive in time?"),
            _WORDS,
        ],
    }),
}  # fmt: skip

#: (name, English name, questionnaire, what the version says).
RULES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("投诉百分之百回访", "All complaints", "complaint_visit", {"rank": 10, "kinds": (TicketKind.COMPLAINT.value,)}),
    ("服务抽样回访", "Sample of services", "service_visit", {
        "rank": 20, "kinds": tuple(SERVICE_KINDS), "share": 30, "ways": ("sms", "phone"),
    }),
    ("其他抽样回访", "Sample of all others", "complaint_visit", {
        "rank": 90, "share": 10, "ways": ("sms", "email"), "first_after_hours": 2,
    }),
]  # fmt: skip

RISK_WORDS = ["媒体", "曝光", "记者", "起诉", "法院", "律师", "工信部", "消协", "12315", "自杀", "上访"]
