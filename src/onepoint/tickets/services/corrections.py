"""Correcting the items of a ticket at a step that allows it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, masking
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.customers.models import Asset, Customer, CustomerAccount
from onepoint.customers.phone_numbers import normalise
from onepoint.tickets import item_rights, policies, signals
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.services.creation import checked_special_items, search_keys_of
from onepoint.tickets.services.limits import follow_correction
from onepoint.tickets.services.search_index import note_search_change

#: What of a ticket is personal data, and of which group.
PERSONAL = {"title": "words", "description": "words", "contact_phone": "phone"}


class Unchanged:
    """Marks an item a correction does not touch."""


UNCHANGED = Unchanged()


@dataclass(frozen=True)
class Correction:
    """The new values of a ticket's items; what is not given stays as it is."""

    kind: str | Unchanged = UNCHANGED
    category: Category | Unchanged = UNCHANGED
    severity: Severity | Unchanged = UNCHANGED
    urgency: str | Unchanged = UNCHANGED
    title: str | Unchanged = UNCHANGED
    description: str | Unchanged = UNCHANGED
    customer: Customer | None | Unchanged = UNCHANGED
    contact_name: str | Unchanged = UNCHANGED
    contact_phone: str | Unchanged = UNCHANGED
    account: CustomerAccount | None | Unchanged = UNCHANGED
    asset: Asset | None | Unchanged = UNCHANGED
    promised_reply_channel: str | Unchanged = UNCHANGED
    promised_reply_at: datetime | None | Unchanged = UNCHANGED
    special_items: Mapping[str, Any] | Unchanged = UNCHANGED

    def given(self) -> dict[str, Any]:
        """The items that are given."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not UNCHANGED}

    def without(self, name: str) -> "Correction":
        """The same correction that leaves one item as it is."""
        return replace(self, **{name: UNCHANGED})


def _as_fact(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Model) else value


def _apply(ticket: Ticket, given: dict[str, Any]) -> dict[str, list[Any]]:
    """Set the items on the object and return what changed, as JSON-able [old, new] pairs."""
    special = given.pop("special_items", None)
    changes: dict[str, list[Any]] = {}
    for name, value in given.items():
        value = clean(value) if isinstance(value, str) else value
        if group := PERSONAL.get(name):
            value = masking.unchanged_if_masked(getattr(ticket, name), value, group)
        old = getattr(ticket, name)
        if old != value:
            changes[name] = [_as_fact(old), _as_fact(value)]
            setattr(ticket, name, value)
    if "customer" in changes:  # numbers and products are the former customer's unless new ones are named
        ticket.account = given.get("account")
        ticket.asset = given.get("asset")
    if special is not None or "category" in changes:
        version, items = checked_special_items(
            ticket.category, special if special is not None else ticket.special_items
        )
        if items != ticket.special_items:
            changes["special_items"] = [ticket.special_items, items]
        ticket.form_version, ticket.special_items = version, items
    if "contact_phone" in changes:
        area = ticket.region.area_code if ticket.region else ""
        ticket.contact_phone_key = normalise(ticket.contact_phone, area) if ticket.contact_phone else ""
    return changes


def _check(ticket: Ticket) -> None:
    errors = {}
    if not ticket.title:
        errors["title"] = _("A ticket needs a title.")
    if ticket.account and ticket.account.customer_id != ticket.customer_id:
        errors["account"] = _("This number belongs to another customer.")
    if ticket.asset and ticket.asset.customer_id != ticket.customer_id:
        errors["asset"] = _("This product belongs to another customer.")
    if errors:
        raise InvalidInput(errors)
    require(policies.why_not_use_category(ticket.category, ticket.kind))


@transaction.atomic
def correct_ticket(ticket: Ticket, correction: Correction, *, version: int, by: User | None) -> Ticket:
    """Change items of a ticket as read at ``version``.

    Raises StepDoesNotAllow or TicketFinished, InvalidInput, and SomebodyWasFaster when it was changed since.
    """
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("category", "severity", "region", "customer", "account", "asset")
        .get(pk=ticket.pk)
    )
    require(policies.why_not_correct(ticket, by))
    if ticket.version != version:
        raise SomebodyWasFaster
    changes = _apply(ticket, correction.given())
    if not changes:
        return ticket
    require(item_rights.why_not_change_items(ticket, changes, by))
    _check(ticket)
    ticket.version += 1
    ticket.search_keys = search_keys_of(ticket)
    ticket.save()
    note_search_change(ticket.pk)
    audit.record(
        "ticket.corrected", by=by, subject_type="ticket", subject_id=ticket.pk, changes=changes, version=ticket.version
    )
    follow_correction(ticket, changes, by=by)
    signals.ticket_corrected.send(sender=Ticket, ticket=ticket, by=by, changes=changes)
    return ticket
