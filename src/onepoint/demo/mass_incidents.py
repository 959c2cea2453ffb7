"""The demo's mass incidents: a cut cable that is still being mended, and a wrong charge everybody has been told about."""

from datetime import timedelta

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.tickets import services
from onepoint.tickets.models import BatchRun, Category, MassIncident, Ticket
from onepoint.tickets.states import TicketKind

_CABLE = (
    "宽带突然断网，光猫红灯", "家里上不了网，重启没用", "全楼宽带中断，何时恢复", "上午起断网，在家办公受影响",
    "光猫 LOS 灯亮红，无法上网", "宽带断网，电视也看不了", "小区断网，请尽快抢修", "断网两小时无人处理",
    "店里断网无法收款", "宽带中断，要求赔偿", "断网，客服一直占线", "网络中断，孩子无法上网课",
)  # fmt: skip
_CHARGE = ("流量包重复扣费", "同一套餐被扣两次", "话费账单重复扣费", "重复扣费要求退还", "重复扣费，余额不足停机")


@transaction.atomic
def build_mass_incidents(people: dict[str, User]) -> None:
    """One that is being handled with a dozen tickets, one that is over. Nothing when they are there already."""
    coordinator = next(
        (one for name, one in sorted(people.items()) if name.endswith(".coordinator") and one.may("incident.declare")),
        None,
    )
    region = coordinator.unit.region if coordinator and coordinator.unit else None
    if coordinator is None or region is None or MassIncident.objects.exists():
        return
    customers = list(Customer.objects.filter(region__path__startswith=region.path).order_by("pk")[:20])
    categories = {one.code: one for one in Category.objects.filter(code__in=["bb_cut_cable", "bl_double"])}
    if len(customers) < 8 or len(categories) < 2:
        return
    _cable(coordinator, categories["bb_cut_cable"], customers)
    _charge(coordinator, categories["bl_double"], customers)


def _complaints(by: User, category: Category, titles: tuple[str, ...], customers: list[Customer]) -> list[Ticket]:
    made = []
    for position, title in enumerate(titles):
        customer = customers[position % len(customers)]
        account = customer.accounts.filter(kind="mobile").first()
        new = services.NewTicket(
            kind=TicketKind.COMPLAINT, category=category, title=title, channel=Channel.HOTLINE, customer=customer,
            contact_name=customer.name, contact_phone=account.value if account else "", region=by.unit.region,  # type: ignore[union-attr]
            unit=by.unit, owner=by, promised_reply_channel=("sms", "phone", "email")[position % 3],
        )  # fmt: skip
        made.append(services.create_ticket(new, by=None))
    return made


def _run(run: BatchRun) -> None:
    services.run_batch(run.pk, by=None, seconds=600)


def _cable(by: User, category: Category, customers: list[Customer]) -> None:
    """Still going on: its tickets attached, the customers told once how it stands; two more have come in since."""
    assert by.unit is not None
    assert by.unit.region is not None
    with clock.at(clock.now() - timedelta(hours=3)):
        tickets = _complaints(by, category, _CABLE, customers)
    items = services.IncidentItems(
        title="主干光缆被施工挖断，片区宽带中断", regions=[by.unit.region], since=clock.now() - timedelta(hours=4),
        expected_end=clock.now() + timedelta(hours=5), category=category, keywords=["断网", "中断", "上不了网", "红灯"],
        cause="道路施工挖断 48 芯主干光缆，抢修队已到场熔接。",
        public_words="因道路施工挖断光缆，您所在片区宽带中断，抢修人员已到场，预计今天内恢复，给您带来不便敬请谅解。",
        public_words_en="Road works have cut a cable in your area. Our people are at the site and expect to be done today.",
    )  # fmt: skip
    with clock.at(clock.now() - timedelta(hours=2)):
        incident = services.declare_incident(items, lead=tickets[0], by=by)
        _run(services.attach_matching(incident, by=by))
        _run(services.tell_attached(incident, text=items.public_words, text_en=items.public_words_en, by=by))
    _complaints(by, category, ("晚上回家发现断网", "断网，光猫红灯闪烁"), customers[12:] or customers)


def _charge(by: User, category: Category, customers: list[Customer]) -> None:
    """Over: everybody answered, by message or by telephone."""
    assert by.unit is not None
    assert by.unit.region is not None
    with clock.at(clock.now() - timedelta(days=6)):
        tickets = _complaints(by, category, _CHARGE, customers)
        items = services.IncidentItems(
            title="流量包重复扣费", regions=[by.unit.region], since=clock.now() - timedelta(days=1), category=category,
            keywords=["重复扣费", "扣两次"], cause="计费批处理重跑，未做去重。",
            public_words="系统原因造成重复扣费，多扣部分将在三天内自动退还。",
        )  # fmt: skip
        incident = services.declare_incident(items, lead=tickets[0], by=by)
        _run(services.attach_matching(incident, by=by))
    with clock.at(clock.now() - timedelta(days=5)):
        services.resolve_incident(incident, conclusion="已修正批处理并退还多扣费用。", by=by)
        incident.refresh_from_db()
        _run(services.answer_attached(
            incident, text="{customer}您好，工单 {ticket} 反映的重复扣费已退还，请查收账单，感谢您的反馈。", by=by,
        ))  # fmt: skip
        for row in list(incident.tickets.filter(answer="to_call").order_by("pk")):
            if row.__class__.objects.filter(pk=row.pk, answer="to_call").exists():
                services.note_call(row, words="电话告知客户费用已退还，客户表示认可。", by=by)
        incident.refresh_from_db()
        services.close_incident(incident, by=by)
