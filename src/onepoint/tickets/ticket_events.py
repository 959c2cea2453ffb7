"""The events of tickets one can be told of, with their delivered texts."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

ASSIGNED, RETURNED, COPIED = "ticket.assigned", "ticket.returned", "ticket.copied"
CLOSED, REOPENED = "ticket.closed", "ticket.reopened"
HEARD = "ticket.customer_wrote"
ANSWERED = "ticket.customer_answered"
BOUNCED, MUTED = "ticket.mail_bounced", "mail.sender_muted"
AT_RISK, BREACHED = "clock.at_risk", "clock.breached"

_NUMBER = Variable("number", _("Ticket"), "TS20261122000123")
_STEP = Variable("step", _("Step"), _("Department receives"))
_REASON = Variable("reason", _("Reason"), "…")
_CLOCK = Variable("clock", _("Limit"), _("Total"))
_DUE = Variable("due", _("Due"), kind="moment")


def register() -> None:
    """Called when the house starts."""
    _register_work()
    _register_hearing()
    _register_mail()
    _register_watching()
    _register_limits()


def _register_work() -> None:
    register_group("tickets", _("My tickets"), 10)
    register_event(
        Event(
            name=ASSIGNED,
            label=_("A step was given to you"),
            group="tickets",
            variables=(_NUMBER, _STEP),
            text={
                "zh-hans": ("转给您：{number} {step}", "{by}将工单 {number} 的“{step}”环节交给您处理。{link}"),
                "en": ("Given to you: {number} {step}", "{by} gave you “{step}” of ticket {number}. {link}"),
            },
        )  # fmt: skip
    )
    register_event(
        Event(
            name=RETURNED,
            label=_("A step came back to you"),
            group="tickets",
            variables=(_NUMBER, _STEP),
            text={
                "zh-hans": (
                    "退回：{number} {step}",
                    "{by}将工单 {number} 退回到“{step}”环节，请查看意见后处理。{link}",
                ),
                "en": (
                    "Sent back: {number} {step}",
                    "{by} sent ticket {number} back to “{step}”. Please read the opinion. {link}",
                ),
            },
        )  # fmt: skip
    )
    register_event(
        Event(
            name=COPIED,
            label=_("You were sent a copy of a ticket"),
            group="tickets",
            variables=(_NUMBER, Variable("text", _("Message"), "…")),
            text={
                "zh-hans": ("抄送：{number}", "{by}将工单 {number} 抄送给您。{text}\n{link}"),
                "en": ("Copy: {number}", "{by} sent you a copy of ticket {number}. {text}\n{link}"),
            },
        )  # fmt: skip
    )


def _register_hearing() -> None:
    register_event(
        Event(
            name=ANSWERED,
            label=_("A customer of yours was answered"),
            group="tickets",
            variables=(_NUMBER, Variable("text", _("What the customer was told"), "…")),
            text={
                "zh-hans": ("已答复您的客户：{number}", "工单 {number} 已答复客户：{text}\n{link}"),
                "en": ("Your customer was answered: {number}", "The customer of {number} was told: {text}\n{link}"),
            },
        )  # fmt: skip
    )
    register_event(
        Event(
            name=HEARD,
            label=_("The customer added something to your ticket"),
            group="tickets",
            variables=(_NUMBER, Variable("text", _("Message"), "…")),
            text={
                "zh-hans": ("客户补充：{number}", "客户对工单 {number} 补充说明：{text}\n{link}"),
                "en": ("Customer wrote: {number}", "The customer added to ticket {number}: {text}\n{link}"),
            },
        )  # fmt: skip
    )


def _register_mail() -> None:
    address = Variable("address", _("Address"), "wang@example.com")
    register_event(
        Event(
            name=BOUNCED,
            label=_("An e-mail about your ticket came back"),
            group="tickets",
            variables=(_NUMBER, address),
            text={
                "zh-hans": (
                    "退信：{number}",
                    "工单 {number} 发往 {address} 的邮件被退回，请换一种方式联系客户。{link}",
                ),
                "en": (
                    "Came back: {number}",
                    "The e-mail about {number} to {address} came back. Please reach the customer another way. {link}",
                ),
            },
        )  # fmt: skip
    )
    register_event(
        Event(
            name=MUTED,
            label=_("A sender of e-mails was muted"),
            group="tickets",
            variables=(address,),
            text={
                "zh-hans": (
                    "已静音：{address}",
                    "{address} 短时间内来信过多，暂不再受理其邮件；如为真实客户请解除静音。{link}",
                ),
                "en": (
                    "Muted: {address}",
                    "{address} sent more mail than any person does and is not listened to for a while. If it is a customer, lift the mute. {link}",
                ),
            },
        )  # fmt: skip
    )


def _register_watching() -> None:
    register_event(
        Event(
            name=CLOSED,
            label=_("A ticket you watch has ended"),
            group="tickets",
            variables=(_NUMBER,),
            text={
                "zh-hans": ("已结束：{number}", "您关注的工单 {number} 已结束。{link}"),
                "en": ("Ended: {number}", "Ticket {number}, which you watch, has ended. {link}"),
            },
        )  # fmt: skip
    )
    register_event(
        Event(
            name=REOPENED,
            label=_("A ticket you watch was reopened"),
            group="tickets",
            variables=(_NUMBER, _REASON),
            text={
                "zh-hans": ("重启：{number}", "您关注的工单 {number} 已重启：{reason}。{link}"),
                "en": ("Reopened: {number}", "Ticket {number}, which you watch, was reopened: {reason}. {link}"),
            },
        )  # fmt: skip
    )


def _register_limits() -> None:
    register_group("limits", _("Limits of my tickets"), 15)
    register_event(
        Event(
            name=AT_RISK,
            label=_("A limit is at risk"),
            group="limits",
            variables=(_NUMBER, _CLOCK, _DUE),
            text={
                "zh-hans": ("即将超时：{number}", "工单 {number} 的“{clock}”将于 {due} 到期，请抓紧处理。{link}"),
                "en": ("At risk: {number}", "“{clock}” of ticket {number} is over at {due}. {link}"),
            },
        )
    )
    register_event(
        Event(
            name=BREACHED,
            label=_("A limit is over"),
            group="limits",
            variables=(_NUMBER, _CLOCK, _DUE),
            ways=("app", "email"),
            text={
                "zh-hans": ("已超时：{number}", "工单 {number} 的“{clock}”已于 {due} 到期，请尽快处理。{link}"),
                "en": ("Late: {number}", "“{clock}” of ticket {number} was over at {due}. Please see to it. {link}"),
            },
        )
    )
