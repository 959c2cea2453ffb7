"""What people are told about exports and erasures."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

_LIST = Variable("list", _("List"), "工单")
_ROWS = Variable("rows", _("Number of rows"), "5200")

register_group("exports", _("Exports"), 80)
register_event(
    Event(
        "export.held", _("An export waits for your approval"), "exports", (_LIST, _ROWS),
        {
            "zh-hans": ("待审批导出：{list} {rows} 行", "{by} 申请导出{list} {rows} 行，请在 24 小时内审批。{link}"),
            "en": ("Export to approve: {list}, {rows} rows", "{by} wants to export {list}, {rows} rows. Please decide within 24 hours. {link}"),
        },
        ("app", "email"),
    )
)  # fmt: skip
register_event(
    Event(
        "export.decided", _("Your export was approved or refused"), "exports", (_LIST, _ROWS, Variable("outcome", _("What was decided"), "已批准"), Variable("words", _("Reason given"), "…")),
        {
            "zh-hans": ("导出{outcome}：{list}", "{by} 对您导出{list}（{rows} 行）的申请：{outcome}。{words} {link}"),
            "en": ("Export {outcome}: {list}", "{by}: your export of {list} ({rows} rows) is {outcome}. {words} {link}"),
        },
    )
)  # fmt: skip

_CUSTOMER = Variable("customer", _("Number of the customer"), "C000123")

register_group("erasures", _("Erasures of customers"), 81)
register_event(
    Event(
        "erasure.asked", _("An erasure waits for a second person"), "erasures", (_CUSTOMER,),
        {
            "zh-hans": ("待确认的删除：客户 {customer}", "{by} 申请删除客户 {customer} 的个人信息，请确认或拒绝。{link}"),
            "en": ("Erasure to confirm: customer {customer}", "{by} asks to erase customer {customer}. Please confirm or refuse. {link}"),
        },
        ("app", "email"),
    )
)  # fmt: skip
register_event(
    Event(
        "erasure.decided", _("The erasure you asked for was confirmed or refused"), "erasures", (_CUSTOMER, Variable("outcome", _("What was decided"), "已确认")),
        {
            "zh-hans": ("删除{outcome}：客户 {customer}", "{by} 对您删除客户 {customer} 个人信息的申请：{outcome}。{link}"),
            "en": ("Erasure {outcome}: customer {customer}", "{by}: the erasure of customer {customer} is {outcome}. {link}"),
        },
    )
)  # fmt: skip
