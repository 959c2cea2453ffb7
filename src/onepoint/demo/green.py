"""Green channels: the tag and limit every house begins with, and two rules."""

from datetime import timedelta

from onepoint.customers.models import CustomerLevel
from onepoint.sla.models import ClockPolicy
from onepoint.sla.services import clock_policies
from onepoint.tickets import green_channels
from onepoint.tickets import services as tickets
from onepoint.tickets.models import GreenChannel, Tag
from onepoint.tickets.services.green_channels import GreenItems, create_green_channel

TAG = ("绿色通道", "Green channel")


def load_green_channels() -> None:
    """Best customers and those who need special care; what is there already stays as it is."""
    if GreenChannel.objects.exists():
        return
    name, name_en = TAG
    tag = Tag.objects.filter(code=name).first() or tickets.create_tag(
        name=name, name_en=name_en, colour="good", by=None
    )
    if not ClockPolicy.objects.filter(tag=tag.code).exists():
        clock_policies.create_clock_policy(
            name="绿色通道 8 工作小时办结", name_en="Green channel: settled within 8 working hours", kind="total",
            limit=timedelta(hours=8), warnings="50% 80%", tag=tag.code, by=None,
        )  # fmt: skip
    best = CustomerLevel.objects.order_by("-rank").values_list("code", flat=True).first()
    if best:
        items = GreenItems(name="钻石客户绿色通道", name_en="Diamond customers", levels=(best,), priority=7, tag=tag)
        create_green_channel(items, by=None)
    care = GreenItems(
        name="特殊关怀客户", name_en="Customers who need special care", attention_kinds=("care",), priority=8, tag=tag
    )
    create_green_channel(care, by=None)
    green_channels.forget_channels()
