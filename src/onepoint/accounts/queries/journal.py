"""The audit journal as a list."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import (
    BusinessFunction,
    BusinessLine,
    Group,
    LoginPolicy,
    OrgUnit,
    PrivacyPolicy,
    Region,
    Role,
    Roster,
    User,
)
from onepoint.accounts.queries.staff import matching
from onepoint.accounts.scope import scope_of
from onepoint.core import audit, clock
from onepoint.core.models import AuditEntry
from onepoint.core.timeline import detailed_model, fact_label, fact_word, subject_labels, subject_pages

#: Subjects of this capability: how they are found and which page shows them.
_OWN: dict[str, tuple[type[Model], str, str]] = {
    "unit": (OrgUnit, "unit-detail", "code"),
    "region": (Region, "region-detail", "code"),
    "role": (Role, "role-detail", "code"),
    "group": (Group, "group-detail", "code"),
    "person": (User, "person-detail", "username"),
    "business_line": (BusinessLine, "matrix", ""),
    "business_function": (BusinessFunction, "matrix", ""),
    "roster": (Roster, "roster-detail", "code"),
    "login_policy": (LoginPolicy, "login-policy", ""),
    "privacy_policy": (PrivacyPolicy, "privacy-policy", ""),
}
_WORDS = {
    "code": _("Code"),
    "parent": _("Under"),
    "units": _("Units"),
    "regions": _("Regions"),
    "position": _("Position"),
    "people": _("People"),
    "person": _("Person"),
    "permissions": _("Permissions"),
    "data_scope": _("Data scope"),
    "reach": _("Data scope"),
    "role": _("Role"),
    "unit": _("Unit"),
    "username": _("Staff number"),
    "interface_of": _("Interface person"),
    "sessions": _("Sessions"),
    "levels": _("Customer levels"),
    "business_lines": _("Business lines"),
    "deputy": _("Deputy"),
    "work": _("Kinds of work"),
    "starts_at": _("From"),
    "ends_at": _("Until"),
    "valid_from": _("From"),
    "valid_to": _("Until"),
    "shift": _("Shift"),
    "starts": _("From"),
    "ends": _("Until"),
    "day": _("Day"),
    "every_week": _("Every week"),
    "of": _("Group or unit"),
    "items": _("Pieces of work"),
    "left": _("Left behind"),
    "address": _("Address"),
}
#: Fields whose values are codes with names.
_NAMED = {"language": dict(settings.LANGUAGES)}


@dataclass
class JournalSubject:
    """What an entry is about, as the list shows it."""

    label: str
    url: str = ""


def journal_entries(
    *, visible_to: User, person: str = "", verb: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[AuditEntry]:
    """Entries written by people in the reader's scope of ``audit.view``; the system's own only for who sees everything.

    ``since`` and ``until`` are days in the house's time zone, both included.
    """
    scope = scope_of(visible_to, "audit.view")
    found = audit.knowing_withheld(AuditEntry.objects.all())
    if not scope.everything:
        condition = scope.by_unit_and_region(
            unit="unit", region="unit__region", person="pk" if scope.has_permission else ""
        )
        found = found.filter(actor_id__in=User.objects.filter(condition).values("pk"))
    if person.strip():
        known = User.objects.filter(matching(person)).values("pk")
        found = found.filter(Q(actor_id__in=known) | Q(actor_name__icontains=person.strip()))
    if verb:
        found = found.filter(verb=verb)
    if since:
        found = found.filter(at__gte=clock.day_start(since))
    if until:
        found = found.filter(at__lt=clock.day_end(until))
    return found


def subjects_of(entries: list[AuditEntry], *, visible_to: User) -> dict[int, JournalSubject]:
    """By entry id: what each entry is about; one query per kind of subject, two for kinds with pages elsewhere."""
    ids: dict[str, set[int]] = {}
    for entry in entries:
        ids.setdefault(entry.subject_type, set()).add(entry.subject_id)
    rows = {kind: _OWN[kind][0]._default_manager.in_bulk(keys) for kind, keys in ids.items() if kind in _OWN}
    others = {kind: keys for kind, keys in ids.items() if kind not in _OWN}
    labels = {kind: subject_labels(kind, keys) for kind, keys in others.items()}
    pages = {kind: subject_pages(kind, keys, visible_to=visible_to) for kind, keys in others.items()}
    return {
        entry.pk: _own_subject(entry, rows[entry.subject_type])
        if entry.subject_type in _OWN
        else JournalSubject(
            labels[entry.subject_type].get(entry.subject_id) or str(entry.data.get("number", "")),
            pages[entry.subject_type].get(entry.subject_id, ""),
        )
        for entry in entries
    }


def _own_subject(entry: AuditEntry, rows: dict[int, Any]) -> JournalSubject:
    row = rows.get(entry.subject_id)
    if row is None:
        return JournalSubject(str(entry.data.get("number", "")))
    _model, page, key = _OWN[entry.subject_type]
    label = getattr(row, "label", None) or row._meta.verbose_name
    return JournalSubject(str(label), reverse(page, args=[getattr(row, key)] if key else []))


def details_of(entry: AuditEntry) -> list[str]:
    """The facts of an entry about the organisation in words; other capabilities show theirs on their own pages."""
    kind = entry.subject_type
    model = _OWN[kind][0] if kind in _OWN else detailed_model(kind)
    if model is None:
        return []
    lines: list[str] = []
    for key, value in entry.data.items():
        if key == "changes":
            for name, (old, new) in value.items():
                lines += _change(model, name, old, new)
        elif value not in (None, "", []):
            lines.append(f"{_label(model, key)}: {_text(key, value)}")
    return lines


def _change(model: type[Model], name: str, old: Any, new: Any) -> list[str]:
    """One line; of tables one for each of their entries that became another."""
    if not isinstance(new, dict) or not isinstance(old, dict | None):
        return [f"{_label(model, name)}: {_text(name, old)} → {_text(name, new)}"]
    old = old or {}
    return [
        f"{_label(model, name)} · {_text(name, key)}: {_text(name, old.get(key))} → {_text(name, new.get(key))}"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def _label(model: type[Model], name: str) -> str:
    if known := str(_WORDS.get(name, "")) or fact_label(name):
        return known
    fields = {field.name: field for field in model._meta.get_fields() if hasattr(field, "verbose_name")}
    return str(fields[name].verbose_name) if name in fields else name


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "—"
    if isinstance(value, dict):
        return "; ".join(f"{_text(name, key)}: {_text(name, one)}" for key, one in value.items()) or "—"
    if isinstance(value, list):
        return ", ".join(_text(name, one) for one in value) or "—"
    if isinstance(value, str):
        value = _NAMED.get(name, {}).get(value, value)
    return "—" if value in (None, "") else fact_word(name, value)
