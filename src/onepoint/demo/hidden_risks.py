"""Hidden risks of the demo in every state, raised by those at work; and the measures of all that happened."""

from datetime import timedelta
from uuid import UUID, uuid5

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.queries.superiors import superiors_of
from onepoint.analytics import services as measures
from onepoint.core import clock
from onepoint.quality.models import HiddenRisk
from onepoint.quality.services import hidden_risks as services
from onepoint.quality.services.hidden_risks import Charge, NewRisk
from onepoint.tickets.models import Ticket

_SPACE = UUID("8e1d3c52-4a0e-4b57-9d3b-6f1f0f5a2c77")
#: Kind, one line, what was found, place, how far it has come.
_FOUND = (
    ("network", "光缆交接箱箱门破损", "箱门缺锁进水，雨天片区宽带反复中断。", "解放路菜市场北门", "closed"),
    ("billing", "合约到期未提醒即恢复原价", "到期前无短信提醒，一周内三位客户投诉话费突增。", "", "removing"),
    ("process", "移机单未通知机房预留端口", "上门后无端口可用，客户二次预约。", "", "removed"),
    ("service", "营业厅叫号机故障仍显示可取号", "客户取号后久等无人叫号。", "中心营业厅", "accepted"),
    ("safety", "小区弱电井盖缺失", "井口裸露，夜间无照明，有人身安全风险。", "滨江花园 3 栋旁", "late"),
    ("security", "外包装维人员留存客户证件照片", "客户反映上门人员用私人手机拍照留存。", "", "raised"),
    ("product", "流量包叠加后不限速规则与宣传不符", "宣传页写“不限速”，实际达量限速。", "", "refused"),
)


def build_hidden_risks(people: dict[str, User]) -> None:
    """Some of each; once."""
    if HiddenRisk.objects.exists():
        return
    tickets = Ticket.objects.filter(owner__isnull=False, region__isnull=False, unit__isnull=False)
    finders = [
        one for one in tickets.select_related("owner__unit", "unit", "region").order_by("-opened_at", "-pk")[:300]
    ]
    begun = clock.now() - timedelta(days=20)
    for number, (kind, title, words, place, state) in enumerate(_FOUND):
        ticket = finders[number * 7 % len(finders)]
        raiser = ticket.owner
        if raiser is None or not raiser.may("hidden_risk.raise"):
            continue
        new = NewRisk(
            request_key=uuid5(_SPACE, title), kind=kind, title=title, words=words, place=place,
            ticket=ticket if number % 2 == 0 else None,
        )  # fmt: skip
        with clock.at(begun + timedelta(days=number)):
            risk = services.raise_risk(new, by=raiser)
        _go_on(risk, ticket, state)


def _go_on(risk: HiddenRisk, ticket: Ticket, state: str) -> None:
    """Let the people of the place do what brings it to the state."""
    if state == "raised":
        return
    with clock.at(risk.raised_at + timedelta(hours=5)):
        if state == "refused":
            services.refuse_risk(risk, words="宣传口径已于上月更正，现行页面无此表述。", by=None)
            return
        unit = _department(ticket)
        owner = _remover(unit)
        limit = timedelta(days=3 if state == "late" else 40)
        services.accept_risk(risk, Charge(unit, owner, clock.now() + limit), words="请尽快整改。", by=None)
    if owner is None or state in ("accepted", "late"):
        return
    with clock.at(risk.raised_at + timedelta(days=2)):
        services.start_removal(risk, by=owner)
        if state == "removing":
            return
        services.remove_risk(risk, words="已整改，现场照片存档。", by=owner)
        if state == "closed":
            services.verify_removal(risk, words="复查无误。", by=risk.raised_by)


def _department(ticket: Ticket) -> OrgUnit:
    """A department of the region, else the unit of the ticket."""
    assert ticket.unit is not None
    found = OrgUnit.objects.filter(region=ticket.region, receives_tickets=True, is_active=True).order_by("path").first()
    return found or ticket.unit


def _remover(unit: OrgUnit) -> User | None:
    levels = superiors_of("hidden_risk.remove", unit_id=unit.pk, region_id=None)
    return User.objects.filter(pk__in=levels[0]).order_by("pk").first() if levels else None


def count_measures() -> None:
    """What workers do every minute, at once, so that the pages of measures show something."""
    measures.keep_up(by=None, seconds=300)
