"""The events of the organisation one can be told of: who stands in for whom, whose work one has received."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

DELEGATED, DELEGATION_ENDED, RECEIVED = "delegation.begun", "delegation.ended", "hand_over.finished"

_ABSENTEE = Variable("absentee", _("Absent person"), "王芳")
_DEPUTY = Variable("deputy", _("Deputy"), "李强")
_FROM = Variable("starts", _("From"), kind="moment")
_UNTIL = Variable("ends", _("Until"), kind="moment")


def register() -> None:
    """Called when the house starts."""
    register_group("standing_in", _("Standing in for others"), 60)
    register_event(
        Event(
            name=DELEGATED,
            label=_("A deputy stands in for somebody"),
            group="standing_in",
            ways=("app", "email"),
            variables=(_ABSENTEE, _DEPUTY, _FROM, _UNTIL),
            text={
                "zh-hans": ("代理：{absentee} → {deputy}", "{starts} 至 {ends}，{deputy}代理{absentee}的工作。"),
                "en": (
                    "{deputy} stands in for {absentee}",
                    "From {starts} until {ends} {deputy} does the work of {absentee}.",
                ),
            },
        )
    )
    register_event(
        Event(
            name=DELEGATION_ENDED,
            label=_("Standing in ended early"),
            group="standing_in",
            variables=(_ABSENTEE, _DEPUTY),
            text={
                "zh-hans": ("代理结束：{absentee}", "{deputy}不再代理{absentee}的工作。"),
                "en": ("No more standing in for {absentee}", "{deputy} no longer does the work of {absentee}."),
            },
        )
    )
    register_event(
        Event(
            name=RECEIVED,
            label=_("Somebody's work was handed over to you"),
            group="standing_in",
            ways=("app", "email"),
            variables=(Variable("from", _("Whose work"), "王芳"), Variable("count", _("How many items"), "12")),
            text={
                "zh-hans": ("工作移交：{from}", "{from}的 {count} 项工作已移交给您。{link}"),
                "en": ("Work of {from} is yours now", "{count} items of {from}'s work were handed over to you. {link}"),
            },
        )
    )
