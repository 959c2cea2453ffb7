"""Delegated authority: what a new house begins with, and some grants of the demo in every state."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from onepoint.accounts.models import Role, User
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.demo.reading import both_names, read
from onepoint.grants import services
from onepoint.grants.models import AuditItem, AuditRule, Authority, Grant, GrantKind, ObjectionCode
from onepoint.grants.services import AuthorityItems, NewGrant
from onepoint.tickets.models import Ticket

_SPACE = UUID("5f0c3f6e-9f0e-4d0e-8f43-2f1f2f0a6c11")
#: Kind, amount, why; the small ones hold at once, the big ones wait for somebody.
_WISHES = (
    ("compensation", 30, "宽带中断两天，按规定补偿"),
    ("refund", 45, "误扣增值业务费，核实后退还"),
    ("compensation", 120, "专线中断影响营业，申请补偿"),
    ("refund", 380, "重复扣费三个月"),
    ("gift", 1, "客户多次来电，致歉赠送"),
    ("compensation", 260, "装机多次改约，误工补偿"),
    ("refund", 20, "套餐外流量误计"),
    ("compensation", 25, "修障超时"),
)


def load_authorities() -> None:
    """Kinds, authorities, reasons for objecting and the rule for audits; what is there already stays as it is."""
    facts = read("granting")
    kinds = {kind.code: kind for kind in GrantKind.objects.all()}
    for order, (code, said) in enumerate(facts["kinds"].items(), start=1):
        if code not in kinds:
            name, name_en = both_names(said["name"])
            kinds[code] = services.create_kind(
                code=code, name=name, name_en=name_en, unit=said["unit"], position_order=order, by=None
            )
    present = set(ObjectionCode.objects.values_list("code", flat=True))
    for order, (code, said) in enumerate(facts["objections"].items(), start=1):
        if code not in present:
            name, name_en = both_names(said["name"])
            services.create_objection_code(
                code=code, name=name, name_en=name_en, points=said["points"], position_order=order, by=None
            )
    if not AuditRule.objects.exists():
        services.create_audit_rule(kind=None, share=50, always_above=Decimal(100), by=None)
    if not Authority.objects.exists():
        roles = {role.code: role for role in Role.objects.all()}
        for row in facts["authorities"]:
            services.create_authority(_items(row, roles[row["role"]], kinds[row["kind"]]), by=None)


def _items(row: dict, role: Role, kind: GrantKind) -> AuthorityItems:
    return AuthorityItems(
        role=role, kind=kind, amount=Decimal(row["amount"]), levels=tuple(row.get("levels", ())),
        customer_month=Decimal(row["month"]) if row["month"] else None,
        agent_day=Decimal(row["day"]) if row["day"] else None,
    )  # fmt: skip


def build_grants(people: dict[str, User]) -> None:
    """Grants on some tickets: on the spot, waiting, approved, refused, settled, objected to; once."""
    if Grant.objects.exists():
        return
    kinds = {kind.code: kind for kind in GrantKind.objects.all()}
    tickets = Ticket.objects.filter(customer__isnull=False, owner__isnull=False).select_related(
        "customer__level", "customer__region", "category", "region", "unit", "owner__unit"
    )
    made: list[Grant] = []
    for ticket in tickets.order_by("-opened_at", "-pk")[:160]:
        if len(made) == len(_WISHES):
            break
        assert ticket.owner is not None
        if ticket.owner.may("grant.approve"):
            continue  # what agents may not grant themselves is to be seen waiting
        code, amount, reason = _WISHES[len(made)]
        new = NewGrant(
            key=uuid5(_SPACE, ticket.number), kind=kinds[code], amount=Decimal(amount), reason=reason,
            customer=ticket.customer, ticket=ticket,
        )  # fmt: skip
        try:
            with clock.at(clock.now() - timedelta(hours=40 - 4 * len(made))):
                made.append(services.give_grant(new, by=ticket.owner))
        except BusinessError:
            continue  # not by this person
    _decide(people)
    _audit(people)


def _willing(people: dict[str, User], permission: str) -> Iterator[User]:
    return (person for person in people.values() if person.may(permission))


def _decide(people: dict[str, User]) -> None:
    """One approved and settled, one refused, the others wait."""
    waiting = list(Grant.objects.filter(state="waiting").order_by("pk"))
    for number, grant in enumerate(waiting[:2]):
        for person in _willing(people, "grant.approve"):
            try:
                if number == 0:
                    services.approve_grant(grant, words="情况属实，同意。", by=person)
                else:
                    services.refuse_grant(grant, words="账单显示已退过一次，请核实。", by=person)
                break
            except BusinessError:
                continue
    for grant in Grant.objects.filter(state__in=["approved", "granted"]).order_by("pk")[:2]:
        for person in _willing(people, "grant.settle"):
            try:
                services.settle_grant(grant, voucher=f"PZ{clock.today():%Y%m%d}{grant.pk:04d}", by=person)
                break
            except BusinessError:
                continue


def _audit(people: dict[str, User]) -> None:
    """One passed, one objected to with a correction owed, the others in the queue."""
    code = ObjectionCode.objects.order_by("position_order").first()
    auditor = people.get("op.auditor")
    if auditor is None:
        return
    for number, item in enumerate(AuditItem.objects.order_by("pk")[:2]):
        try:
            item = services.claim_audit(item, by=auditor)
            if number == 0:
                services.pass_audit(item, words="依据充分。", by=auditor)
            else:
                services.object_to_grant(
                    item, code=code, words="通话录音中客户未提出要求，请说明依据。", hours=16, by=auditor
                )
        except BusinessError:
            continue
