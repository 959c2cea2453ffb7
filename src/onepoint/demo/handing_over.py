"""Regulators: who hands complaints over, and two cases of the demo."""

from datetime import timedelta
from uuid import UUID, uuid5

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.demo.clocks import REGULATOR
from onepoint.demo.reading import both_names, read
from onepoint.regulators import services
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.regulators.services import NewCase, RegulatorItems
from onepoint.tickets.models import Category, Severity, Tag, Ticket

_SPACE = UUID("1b8f5f39-6f0c-4d86-9c2a-2f3e5ce9a0f2")


def load_regulators() -> None:
    """The authorities every house hears from; what is there already stays as it is."""
    present = set(Regulator.objects.values_list("code", flat=True))
    severities = {severity.code: severity for severity in Severity.objects.all()}
    tag = Tag.objects.filter(name=REGULATOR[0], is_active=True).first()
    for order, (code, said) in enumerate(read("granting")["regulators"].items(), start=1):
        if code not in present:
            name, name_en = both_names(said["name"])
            items = RegulatorItems(
                name=name, name_en=name_en, answer_days=said["days"], in_working_days=said.get("working", False),
                acceptance_days=said.get("acceptance", 0), severity=severities.get(said["severity"]), tag=tag,
                source=said["source"], position_order=order,
            )  # fmt: skip
            services.create_regulator(code, items, by=None)


def build_cases(people: dict[str, User]) -> None:
    """One on a ticket that was here already and is nearly due, one that made its own; once."""
    if RegulatorCase.objects.exists():
        return
    by = people["wuh.coordinator"]
    regulators = {regulator.code: regulator for regulator in Regulator.objects.all()}
    ticket = (
        Ticket.objects.visible_to(by)
        .alive()
        .filter(kind="complaint", customer__isnull=False)
        .select_related("severity", "category", "customer", "region", "unit")
        .order_by("-opened_at", "-pk")
        .first()
    )
    now = clock.now()
    if ticket is not None:
        _register(by, NewCase(
            request_key=uuid5(_SPACE, "linked"), regulator=regulators["appeals"], case_number="鄂电申〔2026〕1024",
            received_at=now - timedelta(days=8), subject="用户申诉：投诉未在规定期限内得到答复",
            content="申诉人反映向贵公司投诉后未获明确答复，请在规定期限内将调查处理情况及证据材料书面报送本中心。",
            contact_person="刘科长", contact_phone="027-87654321", ticket=ticket,
        ))  # fmt: skip
    _register(by, NewCase(
        request_key=uuid5(_SPACE, "new"), regulator=regulators["hotline_12345"], case_number="WH2026112200317",
        received_at=now - timedelta(days=1), subject="市民反映小区宽带频繁中断",
        content="来电人反映所在小区宽带近一周每晚中断，要求尽快修复并答复。", contact_person="12345 派单员",
        customer_name="陈女士", customer_phone="13871234567", category=Category.objects.filter(code="bb_drops").first(),
    ))  # fmt: skip


def _register(by: User, new: NewCase) -> None:
    try:
        services.register_case(new, by=by)
    except BusinessError:
        return  # not in this demo's organisation
