"""What keeping customer records looks like in the demo: duplicates, a merge, a company with its branches, warnings."""

from datetime import timedelta

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import clock
from onepoint.customers import services
from onepoint.customers.models import AttentionEntry, Customer
from onepoint.customers.services import NewAccount
from onepoint.customers.states import AccountKind, CustomerKind

#: What is on the attention list: which customer of Wuhan (in order of registration), kind, reason, days it still counts.
_WARNINGS = (
    (2, "black", "一年内四次以不存在的故障索赔，经核实均无理；任何补偿须先报省客服中心。", None),
    (4, "risk", "上次投诉处理超时，客户已联系媒体；请由值班主任回复。", 30),
    (6, "care", "独居老人，听力不佳：请放慢语速，必要时安排上门。", None),
    (8, "attention", "正在进行专线割接，涉及业务中断请立即转政企客户经理。", 10),
)
#: Individual customers of Wuhan the stories above and below take.
_NEEDED = 14


def build_records(people: dict[str, User], regions: dict[str, Region], units: dict[str, OrgUnit]) -> None:
    """Register a second record here and there, a company with branches and the warnings; does nothing a second time."""
    if AttentionEntry.objects.exists():
        return
    keeper, unit = people["wuh.coordinator"], units["wuh"]
    known = list(Customer.objects.filter(unit=unit).select_related("region").order_by("pk"))
    people_known = [one for one in known if one.kind == CustomerKind.PERSON]
    if len(people_known) < _NEEDED:
        return  # a small demo, as tests make it
    for place, kind, reason, days in _WARNINGS:
        ends_on = clock.today() + timedelta(days=days) if days else None
        services.put_on_attention_list(people_known[place], kind=kind, reason=reason, ends_on=ends_on, by=keeper)
    doubles = [_registered_again(one, unit) for one in people_known[10:14]]
    _build_company(regions, unit)
    services.compare_all(by=None)
    survivor, merged = people_known[13], doubles[3]
    survivor.refresh_from_db()
    merged.refresh_from_db()
    versions = (survivor.version, merged.version)
    services.merge_customers(survivor, merged, versions=versions, reason="同一机主，营业厅重复建档", by=keeper)


def _registered_again(customer: Customer, unit: OrgUnit) -> Customer:
    """The same person with a new number and the old one: as a clerk in a hurry does it."""
    accounts = [NewAccount(account.value, account.kind) for account in customer.accounts.all()[:1]]
    return services.create_customer(
        name=customer.name, region=customer.region, unit=unit, address=customer.address, note="营业厅登记",
        accounts=accounts, despite_duplicates=True, by=None,
    )  # fmt: skip


def _build_company(regions: dict[str, Region], unit: OrgUnit) -> None:
    city = regions["WUH"]

    def company(name: str, phone: str) -> Customer:
        return services.create_customer(
            name=name, kind=CustomerKind.COMPANY, region=city, unit=unit, despite_duplicates=True, by=None,
            accounts=[NewAccount(phone, AccountKind.LANDLINE, is_primary=True)],
        )  # fmt: skip

    group = company("江汉云服集团有限公司", "027-85550100")
    subsidiary = company("江汉云服数据科技有限公司", "027-85550200")
    branch = company("江汉云服集团汉阳分公司", "027-85550300")
    site = company("江汉云服数据科技光谷机房", "027-85550400")
    for one, parent, kind in ((subsidiary, group, "subsidiary"), (branch, group, "branch"), (site, subsidiary, "site")):
        services.place_customer(one, parent=parent, member_kind=kind, version=one.version, by=None)
