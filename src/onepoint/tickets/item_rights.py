"""What a person may do with the items of one ticket: the rights of his roles together with the rules of the step he holds.

Items are named as in ``item_labels.ITEM_LABELS``; a single special item is ``items.<key>``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import field_rights
from onepoint.accounts.models import User
from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.tickets.models import Ticket
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask


class ItemsNotYours(BusinessError):
    """The person's roles, or the step, do not let these items be changed."""

    code = "items_not_yours"
    message = _("You may not change: %(items)s.")
    status = 403


@dataclass(frozen=True)
class ItemRights:
    """Names of items that are hidden, that may only be read, and that must be filled in."""

    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()

    @staticmethod
    def special_keys(names: Collection[str], keys: Iterable[str]) -> frozenset[str]:
        """Which of the special items ``keys`` are among ``names``; ``special_items`` stands for all of them."""
        return frozenset(key for key in keys if "special_items" in names or f"items.{key}" in names)

    @property
    def fixed(self) -> frozenset[str]:
        return self.hidden | self.read_only


def rights_over(tasks: Iterable[UserTask], by: User | None) -> ItemRights:
    """The rights of somebody who looks at a ticket whose live tasks are ``tasks``; no query."""
    if by is None:
        return ItemRights()
    hidden = field_rights.hidden_fields(by, "ticket")
    rules: dict[str, str] = {}
    for task in tasks:
        if task.assignee_id == by.pk:
            rules |= workflow_queries.step_of(task).items
    return ItemRights(
        hidden=hidden | {name for name, rule in rules.items() if rule == "hidden"},
        read_only=field_rights.fixed_fields(by, "ticket")
        | {name for name, rule in rules.items() if rule == "read-only"},
        required=frozenset(name for name, rule in rules.items() if rule == "required"),
    )


def rights_of(ticket: Ticket, by: User | None) -> ItemRights:
    """As :func:`rights_over`; one query for the live tasks."""
    return rights_over(workflow_queries.live_tasks_of("ticket", ticket.pk) if by else (), by)


def why_not_change_items(ticket: Ticket, changes: Mapping[str, Any], by: User | None) -> BusinessError | None:
    """Refused where one of ``changes`` (item → [old, new]) is hidden from the person or read-only."""
    rights = rights_of(ticket, by)
    touched = set(changes)
    if "special_items" in changes:
        old, new = changes["special_items"]
        touched |= {f"items.{key}" for key in {*old, *new} if old.get(key) != new.get(key)}
    forbidden = touched & rights.fixed
    return ItemsNotYours(items=", ".join(sorted(_label(ticket, name) for name in forbidden))) if forbidden else None


def missing_items(ticket: Ticket, required: Iterable[str]) -> list[str]:
    """Which of the required items are empty."""
    return [name for name in sorted(required) if _value(ticket, name) in (None, "", [], {})]


def require_items(ticket_id: int, required: Iterable[str]) -> None:
    """Raises InvalidInput unless a ticket has every item its step requires: asked when the step is finished."""
    names = list(required)
    if not names:
        return
    ticket = Ticket.objects.select_related("form_version").get(pk=ticket_id)
    if missing := missing_items(ticket, names):
        labels = ", ".join(_label(ticket, name) for name in missing)
        raise InvalidInput({"outcome": _("First fill in: %(items)s.") % {"items": labels}})


def _value(ticket: Ticket, name: str) -> Any:
    key = name.removeprefix("items.")
    return ticket.special_items.get(key) if key != name else getattr(ticket, name, None)


def _label(ticket: Ticket, name: str) -> str:
    key = name.removeprefix("items.")
    if key == name:
        found = field_rights.find_field(f"ticket.{name}")
        return str(found.label) if found else name
    fields = ticket.form_version.fields if ticket.form_version else []
    return next((field["label"] for field in fields if field["key"] == key), key)
