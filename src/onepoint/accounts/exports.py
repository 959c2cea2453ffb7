"""People and the audit journal as files."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import queries
from onepoint.accounts.forms import JournalFilter, PeopleFilter
from onepoint.accounts.models import RoleGrant, User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.audit import verb_label
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, named, register
from onepoint.core.masking import shown_words
from onepoint.core.models import AuditEntry
from onepoint.core.spreadsheets import Cell
from onepoint.core.tables import Column, sort_order
from onepoint.core.timeline import sentence_of

#: The orders the pages know.
PEOPLE_ORDERS = [
    Column("number", "", ("username",)),
    Column("name", "", ("name_key", "username")),
    Column("unit", "", ("unit__path", "name_key")),
    Column("state", "", ("-is_active", "name_key")),
]
JOURNAL_ORDERS = [Column("at", "", ("id",))]


def people_rows(person: User, parameters: QueryDict) -> QuerySet[User]:
    form = PeopleFilter(parameters, visible_to=person)
    found = queries.filtered_people(visible_to=person, **(form.cleaned_data if form.is_valid() else {}))
    return found.order_by(*sort_order(PEOPLE_ORDERS, parameters.get("sort", ""), "name")[1])


def _roles_of_many(ids: Sequence[int]) -> dict[int, Cell]:
    roles: dict[int, list[str]] = defaultdict(list)
    grants = RoleGrant.objects.filter(user__in=ids, role__is_active=True).order_by("role__code")
    for user_id, name, name_en in grants.values_list("user_id", "role__name", "role__name_en"):
        roles[user_id].append(in_language(name, name_en))
    return {pk: ", ".join(dict.fromkeys(names)) for pk, names in roles.items()}


def journal_rows(person: User, parameters: QueryDict) -> QuerySet[AuditEntry]:
    form = JournalFilter(parameters)
    found = queries.journal_entries(visible_to=person, **(form.cleaned_data if form.is_valid() else {}))
    return found.order_by(*sort_order(JOURNAL_ORDERS, parameters.get("sort", ""), "-at")[1])


def _sentence(verb: str, details: Mapping[str, Any], is_withheld: bool) -> str:
    if is_withheld:
        return str(verb_label(verb))
    return shown_words(sentence_of(AuditEntry(verb=verb, data=details)))


register(
    ExportedList(
        "people",
        _("People"),
        [
            ExportColumn("number", _("Staff number"), ("username",)),
            ExportColumn("name", _("Name"), named(""), in_language),
            ExportColumn("unit", _("Home unit"), named("unit__"), in_language),
            ExportColumn("roles", _("Roles"), of_many=_roles_of_many),
            ExportColumn("phone", _("Telephone"), ("phone",)),
            ExportColumn(
                "state", _("State"), ("is_active",), lambda active: _now("May log in") if active else _now("Locked")
            ),
        ],
        people_rows,
        lambda person: why_not_permitted("organisation.view", person),
    )
)
register(
    ExportedList(
        "journal",
        _("Audit journal"),
        [
            ExportColumn("at", _("When"), ("at",)),
            ExportColumn("actor", _("Who"), ("actor_name",)),
            ExportColumn("verb", _("What"), ("verb",), lambda verb: str(verb_label(verb))),
            ExportColumn("subject", _("About"), ("subject_type", "subject_id"), lambda kind, pk: f"{kind} {pk}"),
            ExportColumn("details", _("Details"), ("verb", "data", "is_withheld"), _sentence),
            ExportColumn("address", _("Address"), ("ip_address",)),
        ],
        journal_rows,
        lambda person: why_not_permitted("audit.view", person),
    )
)
