"""The events of grants one can be told of, with their delivered texts."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

_NUMBER = Variable("number", _("Number"), "SQ20261122000007")
_KIND = Variable("kind", _("Kind"), "补偿")
_AMOUNT = Variable("amount", _("Amount"), "120.00")
_WORDS = Variable("words", _("What was said"), "…")
_EMAIL = ("app", "email")


def register() -> None:
    """Called when the house starts."""
    register_group("grants", _("Delegated authority"), 35)
    for event in _events():
        register_event(event)


def _events() -> tuple[Event, ...]:
    base = (_NUMBER, _KIND, _AMOUNT)
    return (
        Event(
            "grant.waiting", _("A grant waits for your approval"), "grants",
            (*base, Variable("reason", _("Reason"), "…")),
            {
                "zh-hans": ("待审批：{kind} {amount}", "{by} 申请授权 {number}：{kind} {amount}，事由：{reason}。请审批。{link}"),
                "en": ("To approve: {kind} {amount}", "{by} asks for {number}: {kind} {amount}, because: {reason}. {link}"),
            },
            _EMAIL,
        ),
        Event(
            "grant.approved", _("Your grant was approved"), "grants", (*base, _WORDS),
            {
                "zh-hans": ("已批准：{kind} {amount}", "{by} 批准了授权 {number}（{kind} {amount}）。{words} {link}"),
                "en": ("Approved: {kind} {amount}", "{by} approved {number} ({kind} {amount}). {words} {link}"),
            },
        ),
        Event(
            "grant.refused", _("Your grant was refused"), "grants", (*base, _WORDS),
            {
                "zh-hans": ("未批准：{kind} {amount}", "{by} 未批准授权 {number}（{kind} {amount}）：{words} {link}"),
                "en": ("Refused: {kind} {amount}", "{by} refused {number} ({kind} {amount}): {words} {link}"),
            },
        ),
        Event(
            "grant.settled", _("Your grant was settled"), "grants",
            (*base, Variable("voucher", _("Voucher number"), "PZ-1")),
            {
                "zh-hans": ("已兑付：{kind} {amount}", "授权 {number}（{kind} {amount}）已兑付，凭证号 {voucher}。{link}"),
                "en": ("Settled: {kind} {amount}", "{number} ({kind} {amount}) was settled, voucher {voucher}. {link}"),
            },
        ),
        Event(
            "grant.cancelled", _("Your grant was taken back"), "grants",
            (*base, Variable("reason", _("Reason"), "…")),
            {
                "zh-hans": ("已撤销：{kind} {amount}", "{by} 撤销了授权 {number}（{kind} {amount}）：{reason} {link}"),
                "en": ("Taken back: {kind} {amount}", "{by} took {number} ({kind} {amount}) back: {reason} {link}"),
            },
        ),
        Event(
            "grant.objected", _("An auditor objects to your grant"), "grants", (*base, _WORDS),
            {
                "zh-hans": ("稽核异议：{number}", "{by} 对授权 {number}（{kind} {amount}）提出异议：{words}。请及时整改答复。{link}"),
                "en": ("Objection: {number}", "{by} objects to {number} ({kind} {amount}): {words}. Please answer. {link}"),
            },
            _EMAIL,
        ),
        Event(
            "grant.corrected", _("A correction you demanded was answered"), "grants", (*base, _WORDS),
            {
                "zh-hans": ("整改已答复：{number}", "{by} 已就授权 {number} 答复整改：{words} {link}"),
                "en": ("Correction answered: {number}", "{by} answered the objection to {number}: {words} {link}"),
            },
        ),
        Event(
            "grant.correction_late", _("A correction is overdue"), "grants",
            (*base, Variable("due", _("Due"), kind="moment")),
            {
                "zh-hans": ("整改逾期：{number}", "授权 {number} 的整改应于 {due} 前答复，现已逾期。{link}"),
                "en": ("Correction overdue: {number}", "The correction of {number} was due at {due}. {link}"),
            },
            _EMAIL,
        ),
    )  # fmt: skip
