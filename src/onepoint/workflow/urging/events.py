"""The events of urging one can be told of, with their delivered texts."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

_NUMBER = Variable("number", _("Ticket"), "TS20261122000123")
_STEP = Variable("step", _("Step"), _("Department receives"))
_SINCE = Variable("since", _("Waiting since"), kind="moment")
_STEP_OF = (_NUMBER, _STEP, _SINCE)


EVENTS = (
    Event(
        name="task.arrived",
        label=_("A step has arrived"),
        group="urging",
        variables=_STEP_OF,
        text={
            "zh-hans": ("新待办：{number} {step}", "工单 {number} 的“{step}”环节等待处理。{link}"),
            "en": ("New work: {number} {step}", "“{step}” of ticket {number} waits for you. {link}"),
        },
    ),
    Event(
        name="task.reminded",
        label=_("A step waits: reminder"),
        group="urging",
        ways=("app", "email"),
        variables=(*_STEP_OF, Variable("count", _("Which one"), "2")),
        text={
            "zh-hans": (
                "第 {count} 次催办：{number} {step}",
                "工单 {number} 的“{step}”环节自 {since} 起等待处理，请尽快办理。{link}",
            ),
            "en": (
                "Reminder {count}: {number} {step}",
                "“{step}” of ticket {number} has waited since {since}. Please see to it. {link}",
            ),
        },
    ),
    Event(
        name="ticket.reminded",
        label=_("Somebody urges a ticket you have"),
        group="urging",
        ways=("app", "email"),
        variables=(*_STEP_OF, Variable("count", _("Which one"), "2"), Variable("text", _("What is asked"), "…")),
        text={
            "zh-hans": (
                "第 {count} 次人工催办：{number}",
                "工单 {number}（{step}）被催办：{text}。请尽快处理，并在工单上答复催办。{link}",
            ),
            "en": (
                "Urged for the {count} time: {number}",
                "Ticket {number} ({step}) is being urged: {text}. Please see to it and answer on the ticket. {link}",
            ),
        },
    ),
    Event(
        name="ticket.reminder_answered",
        label=_("Your reminder was answered"),
        group="urging",
        variables=(_NUMBER, Variable("text", _("Answer"), "…")),
        text={
            "zh-hans": ("催办已答复：{number}", "您对工单 {number} 的催办已有答复：{text}。{link}"),
            "en": ("Your reminder was answered: {number}", "About ticket {number}: {text}. {link}"),
        },
    ),
    Event(
        name="task.escalated",
        label=_("A step was escalated to you"),
        group="urging",
        ways=("app", "email"),
        urgent=True,
        variables=(*_STEP_OF, Variable("rung", _("Rung"), "1")),
        text={
            "zh-hans": (
                "升级：{number} {step} 久未办理",
                "工单 {number} 的“{step}”环节自 {since} 起未办结，现升级到您处，请督促或接手。{link}",
            ),
            "en": (
                "Escalated: {number} {step} has waited too long",
                "“{step}” of ticket {number} has waited since {since} and is now escalated to you. {link}",
            ),
        },
    ),
)


def register() -> None:
    """Called when the house starts."""
    register_group("urging", _("Reminders and escalation"), 20)
    for event in EVENTS:
        register_event(event)
