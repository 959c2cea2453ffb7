"""The events of marks, appeals and rectifications one can be told of, with their delivered texts."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

_NUMBER = Variable("number", _("Number"), "PD20261122000007")
_TICKET = Variable("ticket", _("Ticket"), "TS20261122000123")
_CODE = Variable("code", _("Code"), "F01")
_NAME = Variable("name", _("Name"), "客户诉求未写清")
_WORDS = Variable("words", _("Remarks"), "…")
_TITLE = Variable("title", _("What is to be put right"), "…")
_DUE = Variable("due", _("Due"), kind="moment")
_EMAIL = ("app", "email")


def register() -> None:
    """Called when the house starts."""
    register_group("quality", _("Inspection"), 36)
    for event in (*_of_marks(), *_of_rectifications()):
        register_event(event)


def _of_marks() -> tuple[Event, ...]:
    base = (_NUMBER, _TICKET, _CODE, _NAME)
    return (
        Event(
            "mark.made", _("Your work was marked as unqualified"), "quality",
            (*base, _WORDS, Variable("until", _("Appeal until"), kind="moment")),
            {
                "zh-hans": ("不合格判定：{ticket} {code}", "{by} 判定您在工单 {ticket} 上的工作不合格：{code} {name}。{words} 如有异议，请在 {until} 前申诉。{link}"),
                "en": ("Marked: {ticket} {code}", "{by} marked your work on {ticket}: {code} {name}. {words} You may appeal until {until}. {link}"),
            },
            _EMAIL,
        ),
        Event(
            "mark.withdrawn", _("A mark of your work was withdrawn"), "quality", (*base, _WORDS),
            {
                "zh-hans": ("判定已撤回：{ticket} {code}", "{by} 撤回了对工单 {ticket} 的判定 {code} {name}：{words} {link}"),
                "en": ("Withdrawn: {ticket} {code}", "{by} withdrew the mark {code} {name} on {ticket}: {words} {link}"),
            },
        ),
        Event(
            "mark.appealed", _("Somebody appeals against a mark of yours"), "quality", (*base, _WORDS),
            {
                "zh-hans": ("判定被申诉：{ticket} {code}", "{by} 对您在工单 {ticket} 上的判定 {code} {name} 提出申诉：{words} 将由他人复核。{link}"),
                "en": ("Appeal: {ticket} {code}", "{by} appeals against your mark {code} {name} on {ticket}: {words} It is re-judged by somebody else. {link}"),
            },
        ),
        Event(
            "mark.upheld", _("A mark was upheld after its appeal"), "quality", (*base, _WORDS),
            {
                "zh-hans": ("维持判定：{ticket} {code}", "申诉结论：维持工单 {ticket} 的判定 {code} {name}。{words} {link}"),
                "en": ("Upheld: {ticket} {code}", "After the appeal the mark {code} {name} on {ticket} is upheld. {words} {link}"),
            },
        ),
        Event(
            "mark.overturned", _("A mark was overturned after its appeal"), "quality", (*base, _WORDS),
            {
                "zh-hans": ("撤销判定：{ticket} {code}", "申诉结论：撤销工单 {ticket} 的判定 {code} {name}，不再计分。{words} {link}"),
                "en": ("Overturned: {ticket} {code}", "After the appeal the mark {code} {name} on {ticket} is overturned; its points are gone. {words} {link}"),
            },
        ),
    )  # fmt: skip


def _of_rectifications() -> tuple[Event, ...]:
    base = (_NUMBER, _TITLE)
    return (
        Event(
            "rectification.asked", _("You have something to put right"), "quality", (*base, _DUE),
            {
                "zh-hans": ("整改任务：{title}", "{by} 要求您整改（{number}）：{title}。请在 {due} 前提交整改证明。{link}"),
                "en": ("To put right: {title}", "{by} asks you to put right ({number}): {title}. Please hand in proof until {due}. {link}"),
            },
            _EMAIL,
        ),
        Event(
            "rectification.due", _("A rectification is due soon or overdue"), "quality", (*base, _DUE),
            {
                "zh-hans": ("整改到期：{title}", "整改任务 {number}（{title}）的期限是 {due}，请尽快提交。{link}"),
                "en": ("Rectification due: {title}", "Rectification {number} ({title}) is due at {due}. {link}"),
            },
            _EMAIL,
        ),
        Event(
            "rectification.submitted", _("A rectification you asked for was handed in"), "quality", (*base, _WORDS),
            {
                "zh-hans": ("整改已提交：{title}", "{by} 已提交整改 {number}（{title}）：{words} 请验收。{link}"),
                "en": ("Handed in: {title}", "{by} handed in rectification {number} ({title}): {words} {link}"),
            },
        ),
        Event(
            "rectification.decided", _("Your rectification was decided on"), "quality",
            (*base, Variable("result", _("Result"), "已通过"), _WORDS),
            {
                "zh-hans": ("整改验收：{title}", "{by} 验收了整改 {number}（{title}）：{result}。{words} {link}"),
                "en": ("Rectification: {title}", "{by} decided on rectification {number} ({title}): {result}. {words} {link}"),
            },
        ),
    )  # fmt: skip
