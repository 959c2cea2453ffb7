"""The events of supervision one can be told of, with their delivered texts."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

_NUMBER = Variable("number", _("Ticket"), "TS20261122000123")


def register() -> None:
    """Called when the house starts."""
    register_group("supervision", _("Supervision"), 25)
    register_event(
        Event(
            name="supervision.started",
            label=_("A ticket you have is supervised"),
            group="supervision",
            ways=("app", "email"),
            variables=(_NUMBER, Variable("reason", _("Why"), "…")),
            text={
                "zh-hans": ("督办：{number}", "工单 {number} 已被督办：{reason}。请按时反馈进展。{link}"),
                "en": (
                    "Supervised: {number}",
                    "Ticket {number} is under supervision: {reason}. Please report progress. {link}",
                ),
            },
        )  # fmt: skip
    )
    register_event(
        Event(
            name="supervision.reported",
            label=_("Progress of a ticket you supervise"),
            group="supervision",
            variables=(_NUMBER, Variable("text", _("Progress"), "…")),
            text={
                "zh-hans": ("督办进展：{number}", "{by} 反馈工单 {number} 的进展：{text}。{link}"),
                "en": ("Progress: {number}", "{by} reports about ticket {number}: {text}. {link}"),
            },
        )  # fmt: skip
    )
    register_event(
        Event(
            name="progress.owed",
            label=_("A progress report is overdue"),
            group="supervision",
            ways=("app", "email"),
            variables=(_NUMBER, Variable("due", _("Due"), kind="moment")),
            text={
                "zh-hans": ("逾期未反馈：{number}", "督办工单 {number} 的进展应于 {due} 前反馈，请尽快反馈。{link}"),
                "en": (
                    "Report overdue: {number}",
                    "Progress of ticket {number} was due at {due}. Please report. {link}",
                ),
            },
        )  # fmt: skip
    )
