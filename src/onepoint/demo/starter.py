"""What every house starts with; each part is added only where it is missing, so running it again is harmless."""

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import transaction

from onepoint.accounts import permissions
from onepoint.accounts import services as accounts_services
from onepoint.accounts.models import Role
from onepoint.channels import queries as channel_queries
from onepoint.channels import services as channel_services
from onepoint.customers import services as customer_services
from onepoint.customers.models import CustomerLevel
from onepoint.demo.calendars import load_house_calendar
from onepoint.demo.clocks import load_rules
from onepoint.demo.granting import load_authorities
from onepoint.demo.green import load_green_channels
from onepoint.demo.handing_over import load_regulators
from onepoint.demo.reading import both_names, read
from onepoint.dynamic_forms import services as form_services
from onepoint.dynamic_forms.models import FormDefinition
from onepoint.follow_ups import services as follow_up_services
from onepoint.quality import services as quality_services
from onepoint.quality.services.inspection_presets import load_inspection_presets
from onepoint.quality.services.risk_kinds import load_risk_kinds
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Category, Severity
from onepoint.tickets.services.categories import CategoryItems, SeverityItems

_LEVELS = (
    ("ordinary", "普通", "Ordinary", 1),
    ("silver", "银卡", "Silver", 2),
    ("gold", "金卡", "Gold", 3),
    ("diamond", "钻石", "Diamond", 4),
)


#: Kinds of ticket that run through a process of their own, in whatever category.
_PROCESS_OF_KIND = {
    "enquiry": "enquiry", "suggestion": "suggestion", "praise": "suggestion", "repair": "repair",
    "installation": "installation", "purchase": "purchase", "requirement": "requirement",
}  # fmt: skip


#: What most contacts that need no ticket end in.
_RESULTS = (
    ("answered", "已答复", "Answered"),
    ("explained", "已解释账单或规则", "Bill or rule explained"),
    ("done_at_once", "已当场办理", "Done at once"),
    ("progress_told", "已告知进度", "Told how far it is"),
    ("guided", "已引导自助办理", "Guided to do it online"),
    ("hung_up", "客户中途挂断", "Customer hung up"),
)


@transaction.atomic
def load_starter() -> None:
    """House calendar, roles, customer levels, severity standard, special-item forms, delivered processes, the category tree, rules for limits and return visits."""
    load_house_calendar()
    _load_roles()
    _load_levels()
    _load_severities()
    _load_forms()
    call_command("deploy_delivered", stdout=StringIO())
    _load_categories()
    load_rules()
    load_green_channels()
    load_authorities()
    _load_contact_results()
    load_regulators()
    follow_up_services.load_presets(by=None)
    load_inspection_presets(by=None)
    quality_services.load_standard(by=None)
    load_risk_kinds(by=None)


def _load_roles() -> None:
    present = set(Role.objects.values_list("code", flat=True))
    for code, facts in read("roles").items():
        if code in present:
            continue
        name, name_en = both_names(facts["name"])
        wanted = facts["permissions"]
        codes = [permission.code for permission in permissions.all_permissions()] if wanted == ["*"] else wanted
        accounts_services.create_role(
            code=code, name=name, name_en=name_en, permissions=codes, data_scope=facts["scope"], by=None
        )


def _load_contact_results() -> None:
    if not channel_queries.contact_results(only_in_use=False):
        for order, (code, name, name_en) in enumerate(_RESULTS, start=1):
            channel_services.create_contact_result(code=code, name=name, name_en=name_en, position_order=order, by=None)


def _load_levels() -> None:
    present = set(CustomerLevel.objects.values_list("code", flat=True))
    for code, name, name_en, rank in _LEVELS:
        if code not in present:
            customer_services.create_level(code=code, name=name, name_en=name_en, rank=rank, by=None)


def _load_severities() -> None:
    present = set(Severity.objects.values_list("code", flat=True))
    for facts in read("severities"):
        if facts["code"] not in present:
            ticket_services.create_severity(SeverityItems(**facts), by=None)


def _load_forms() -> None:
    present = set(FormDefinition.objects.values_list("key", flat=True))
    for facts in read("forms"):
        if facts["key"] in present:
            continue
        form = form_services.create_form(key=facts["key"], name=facts["name"], name_en=facts["name_en"], by=None)
        version = form_services.draft_version(form, schema=facts["schema"], by=None)
        form_services.publish_version(version, by=None)


def _load_categories() -> None:
    present = {category.code: category for category in Category.objects.all()}
    severities = {severity.code: severity for severity in Severity.objects.all()}
    for order, branch in enumerate(read("categories"), start=1):
        name, name_en = both_names(branch["name"])
        root = present.get(branch["code"]) or ticket_services.create_category(
            CategoryItems(
                code=branch["code"], name=name, name_en=name_en, position_order=order, kind_processes=_PROCESS_OF_KIND
            ),
            by=None,
        )
        for place, (code, line) in enumerate(branch["children"].items(), start=1):
            if code not in present:
                ticket_services.create_category(_leaf(code, line, root, severities, place), by=None)


def _leaf(code: str, line: str, parent: Category, severities: dict[str, Severity], order: int) -> CategoryItems:
    parts = [part.strip() for part in line.split("|")]
    options: dict[str, Any] = dict(option.split("=", 1) for option in " ".join(parts[2:]).split())
    kinds = options.get("k", "complaint,enquiry").split(",")
    by_kind = {kind: _PROCESS_OF_KIND[kind] for kind in kinds if kind in _PROCESS_OF_KIND}
    return CategoryItems(
        code=code,
        name=parts[0],
        name_en=parts[1],
        parent=parent,
        kinds=kinds,
        default_severity=severities[options.get("s", "normal")],
        form_key=options.get("f", ""),
        process_key=options.get("p", "complaint"),
        kind_processes={} if "p" in options else by_kind,
        position_order=order,
    )
