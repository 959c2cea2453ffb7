"""The category tree and the severity standard."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import BusinessLine, OrgUnit, User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.search_keys import name_keys
from onepoint.tickets import policies
from onepoint.tickets.models import Category, Severity
from onepoint.tickets.states import TicketKind


@dataclass(frozen=True)
class CategoryItems:
    """Everything an administrator says about a category."""

    code: str
    name: str
    name_en: str = ""
    parent: Category | None = None
    kinds: list[str] = field(default_factory=list)
    default_severity: Severity | None = None
    form_key: str = ""
    process_key: str = "complaint"
    kind_processes: dict[str, str] = field(default_factory=dict)
    default_unit: OrgUnit | None = None
    business_line: BusinessLine | None = None
    parent_rule: str = ""
    owner_rule: str = ""
    position_order: int = 0
    is_active: bool = True


def _check(items: CategoryItems, category: Category | None) -> None:
    errors = {}
    if not items.name.strip():
        errors["name"] = _("A category needs a name.")
    taken = Category.objects.filter(code=items.code)
    if category and category.pk:
        taken = taken.exclude(pk=category.pk)
    if not items.code.strip() or taken.exists():
        errors["code"] = _("This code is empty or already used.")
    if items.kind_processes.keys() - set(TicketKind.values):
        errors["kind_processes"] = _("There is no such kind of ticket.")
    if category and items.parent and items.parent.path.startswith(category.path):
        errors["parent"] = _("A category cannot be put below itself.")
    if errors:
        raise InvalidInput(errors)


def _fill(category: Category, items: CategoryItems) -> dict[str, list[Any]]:
    changes = {}
    for name, value in vars(items).items():
        old = getattr(category, name) if category.pk else None
        if old != value:
            changes[name] = [str(old) if old is not None else None, str(value) if value is not None else None]
        setattr(category, name, value)
    return changes


def _replant(category: Category, old_path: str) -> None:
    """Bring path and search keys of a category and of everything below it up to date, parents before children."""
    subtree = list(Category.objects.filter(path__startswith=old_path).order_by("path")) if old_path else [category]
    by_id = {node.pk: node for node in subtree}
    above = Category.objects.in_bulk(category.parent.ancestor_ids if category.parent else [])
    for node in sorted(subtree, key=lambda node: node.path.count("/")):
        parent = by_id.get(node.parent_id or 0) or above.get(node.parent_id or 0)
        node.path = f"{parent.path if parent else '/'}{node.pk}/"
        names = [
            name
            for pk in node.ancestor_ids
            if (step := by_id.get(pk) or above.get(pk))
            for name in (step.name, step.name_en)
        ]
        node.search_keys = sorted(name_keys(node.code, *names))
    Category.objects.bulk_update(subtree, ["path", "search_keys"], batch_size=500)


@transaction.atomic
def create_category(items: CategoryItems, *, by: User | None) -> Category:
    """Add a category. Raises NotPermitted or InvalidInput."""
    require(policies.why_not_manage_categories(by))
    _check(items, None)
    category = Category()
    _fill(category, items)
    category.save()
    _replant(category, "")
    category.refresh_from_db(fields=["path", "search_keys"])
    audit.record(
        "category.created", by=by, subject_type="category", subject_id=category.pk, code=items.code, name=items.name
    )
    return category


@transaction.atomic
def change_category(category: Category, items: CategoryItems, *, by: User | None) -> Category:
    """Change or move a category with everything below it. Raises NotPermitted or InvalidInput."""
    require(policies.why_not_manage_categories(by))
    category = Category.objects.select_for_update(of=("self",)).get(pk=category.pk)
    _check(items, category)
    old_path = category.path
    changes = _fill(category, items)
    if not changes:
        return category
    category.save()
    if {"parent", "name", "name_en", "code"} & changes.keys():
        _replant(category, old_path)
        category.refresh_from_db(fields=["path", "search_keys"])
    audit.record(
        "category.changed", by=by, subject_type="category", subject_id=category.pk, code=items.code, changes=changes
    )
    return category


@transaction.atomic
def deactivate_category(category: Category, *, by: User | None) -> None:
    """Take a category and everything below it out of use; tickets keep theirs. Raises NotPermitted."""
    require(policies.why_not_manage_categories(by))
    count = Category.objects.filter(path__startswith=category.path, is_active=True).update(is_active=False)
    audit.record(
        "category.deactivated", by=by, subject_type="category", subject_id=category.pk, code=category.code, count=count
    )


@dataclass(frozen=True)
class SeverityItems:
    """Everything the published standard says about one severity."""

    code: str
    rank: int
    name: str
    standard: str
    answer_hours: int
    name_en: str = ""
    standard_en: str = ""
    colour: str = "secondary"
    is_active: bool = True


def _save_severity(severity: Severity, items: SeverityItems) -> dict[str, list[Any]]:
    others = Severity.objects.exclude(pk=severity.pk)
    errors = {}
    if others.filter(code=items.code).exists():
        errors["code"] = _("This code is empty or already used.")
    if others.filter(rank=items.rank).exists():
        errors["rank"] = _("Another severity has this rank.")
    if errors:
        raise InvalidInput(errors)
    changes = {}
    for name, value in vars(items).items():
        if severity.pk and getattr(severity, name) != value:
            changes[name] = [getattr(severity, name), value]
        setattr(severity, name, value)
    severity.save()
    return changes


@transaction.atomic
def create_severity(items: SeverityItems, *, by: User | None) -> Severity:
    """Add a severity to the standard. Raises NotPermitted or InvalidInput."""
    require(policies.why_not_manage_categories(by))
    severity = Severity()
    _save_severity(severity, items)
    audit.record("severity.created", by=by, subject_type="severity", subject_id=severity.pk, code=items.code)
    return severity


@transaction.atomic
def change_severity(severity: Severity, items: SeverityItems, *, by: User | None) -> Severity:
    """Change the standard; running tickets keep the moment they are due. Raises NotPermitted or InvalidInput."""
    require(policies.why_not_manage_categories(by))
    changes = _save_severity(severity, items)
    if changes:
        audit.record(
            "severity.changed", by=by, subject_type="severity", subject_id=severity.pk, code=items.code, changes=changes
        )
    return severity
