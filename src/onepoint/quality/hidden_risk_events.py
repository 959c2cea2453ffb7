"""The events of hidden risks one can be told of, with their delivered texts."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

_VARIABLES = (
    Variable("number", _("Number"), "YH20261122000003"),
    Variable("title", _("In one line"), "小区光缆井盖破损，雨天断网"),
    Variable("words", _("What was said"), "…"),
    Variable("due", _("Due"), kind="moment"),
)
_Texts = tuple[tuple[str, str], tuple[str, str]]
_EVENTS: dict[str, tuple[str | Promise, _Texts]] = {
    "hidden_risk.raised": (
        _("A hidden risk was raised where you coordinate"),
        (("新隐患：{title}", "{by} 上报隐患 {number}：{title}。请受理。{link}"),
         ("Hidden risk: {title}", "{by} raised {number}: {title}. Please accept or refuse it. {link}")),
    ),
    "hidden_risk.given": (
        _("A hidden risk is yours to remove"),
        (("待整改隐患：{title}", "隐患 {number}“{title}”交由您整改，期限 {due}。{link}"),
         ("To remove: {title}", "{number} “{title}” is yours to remove until {due}. {link}")),
    ),
    "hidden_risk.accepted": (
        _("Your hidden risk was accepted"),
        (("隐患已受理：{title}", "{by} 已受理您上报的隐患 {number}，整改期限 {due}。{words} {link}"),
         ("Accepted: {title}", "{by} accepted {number}, to be removed until {due}. {words} {link}")),
    ),
    "hidden_risk.handed_over": (
        _("Your hidden risk was handed over"),
        (("隐患已转交：{title}", "隐患 {number} 已由 {by} 转交，整改期限 {due}。{words} {link}"),
         ("Handed over: {title}", "{by} handed {number} over, to be removed until {due}. {words} {link}")),
    ),
    "hidden_risk.refused": (
        _("A hidden risk was refused"),
        (("隐患未受理：{title}", "{by} 未受理隐患 {number}：{words} {link}"),
         ("Refused: {title}", "{by} refused {number}: {words} {link}")),
    ),
    "hidden_risk.insisted": (
        _("Somebody insists on a refused hidden risk"),
        (("再次上报隐患：{title}", "{by} 坚持上报隐患 {number}：{words} {link}"),
         ("Insisted on: {title}", "{by} insists on {number}: {words} {link}")),
    ),
    "hidden_risk.removal_begun": (
        _("The removal of your hidden risk has begun"),
        (("隐患整改中：{title}", "{by} 已开始整改隐患 {number}。{words} {link}"),
         ("Being removed: {title}", "{by} began to remove {number}. {words} {link}")),
    ),
    "hidden_risk.removed": (
        _("A hidden risk was removed and is to be verified"),
        (("隐患待验证：{title}", "{by} 报告隐患 {number} 已整改：{words} 请验证。{link}"),
         ("To verify: {title}", "{by} says {number} is removed: {words} Please verify. {link}")),
    ),
    "hidden_risk.verified": (
        _("A hidden risk was verified as removed"),
        (("隐患已闭环：{title}", "{by} 验证隐患 {number} 已消除。{words} {link}"),
         ("Closed: {title}", "{by} verified that {number} is gone. {words} {link}")),
    ),
    "hidden_risk.sent_back": (
        _("A removed hidden risk is not gone yet"),
        (("隐患未消除：{title}", "{by} 退回隐患 {number}：{words} 新期限 {due}。{link}"),
         ("Not gone yet: {title}", "{by} sent {number} back: {words} New limit {due}. {link}")),
    ),
    "hidden_risk.due_soon": (
        _("A hidden risk is due soon"),
        (("隐患将到期：{title}", "隐患 {number} 须在 {due} 前整改完毕，请抓紧。{link}"),
         ("Due soon: {title}", "{number} is to be removed until {due}. {link}")),
    ),
    "hidden_risk.late": (
        _("A hidden risk is overdue"),
        (("隐患逾期：{title}", "隐患 {number} 已超过整改期限 {due}，请立即处理。{link}"),
         ("Overdue: {title}", "{number} was to be removed until {due}. {link}")),
    ),
}  # fmt: skip


def register() -> None:
    """Called when the house starts."""
    register_group("hidden_risks", _("Hidden risks"), 37)
    for name, (label, (chinese, english)) in _EVENTS.items():
        ways = ("app", "email") if name in ("hidden_risk.given", "hidden_risk.late") else ("app",)
        register_event(Event(name, label, "hidden_risks", _VARIABLES, {"zh-hans": chinese, "en": english}, ways))
