"""Writes of webhook subscriptions."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.models import Gateway
from onepoint.channels.states import Medium
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.notifications import policies
from onepoint.notifications.models import WebhookSubscription
from onepoint.notifications.registry import find_event


@transaction.atomic
def subscribe(
    *, name: str, address: str, events: Iterable[str], gateway: Gateway | None, is_active: bool = True, by: User | None
) -> WebhookSubscription:
    """Let another system be told of some events. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_manage_notifications(by))
    row = WebhookSubscription(created_at=clock.now())
    _set(row, name=name, address=address, events=events, gateway=gateway, is_active=is_active)
    _save(row)
    _record("webhook.subscribed", row, by, address=row.address, events=row.events)
    return row


@transaction.atomic
def change_subscription(subscription: WebhookSubscription, *, by: User | None, **values: Any) -> WebhookSubscription:
    """Change one; switching it on again forgets why it was stopped. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_manage_notifications(by))
    row = WebhookSubscription.objects.select_for_update().get(pk=subscription.pk)
    before = _facts(row)
    _set(row, **values)
    _save(row)
    after = _facts(row)
    if changes := {name: [before[name], after[name]] for name in after if before[name] != after[name]}:
        _record("webhook.changed", row, by, changes=changes)
    return row


@transaction.atomic
def unsubscribe(subscription: WebhookSubscription, *, by: User | None) -> None:
    """Nothing more goes there; what already waits in the outbox is still sent. Raises NotPermitted."""
    require(policies.why_not_manage_notifications(by))
    _record("webhook.unsubscribed", subscription, by, address=subscription.address)
    WebhookSubscription.objects.filter(pk=subscription.pk).delete()


def _set(
    row: WebhookSubscription,
    *,
    name: str,
    address: str,
    events: Iterable[str],
    gateway: Gateway | None,
    is_active: bool,
) -> None:
    row.name, row.address, row.events = clean(name), clean(address), sorted(set(events))
    row.gateway, row.is_active = gateway, is_active
    row.stopped_because = "" if is_active else row.stopped_because
    errors = {}
    if not row.name:
        errors["name"] = _("Please fill this in.")
    if not row.events or any(find_event(event) is None for event in row.events):
        errors["events"] = _("Please choose from the list.")
    if gateway is not None and gateway.medium != Medium.WEBHOOK:
        errors["gateway"] = _("Please choose from the list.")
    try:
        URLValidator(schemes=["http", "https"])(row.address)
    except ValidationError as error:
        errors["address"] = " ".join(error.messages)
    if errors:
        raise InvalidInput(errors)


def _save(row: WebhookSubscription) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise InvalidInput({"name": _("There is one of this name already.")}) from error


def _facts(row: WebhookSubscription) -> dict[str, Any]:
    return {
        "name": row.name,
        "address": row.address,
        "events": row.events,
        "gateway": row.gateway.name if row.gateway else "",
        "is_active": row.is_active,
    }


def _record(verb: str, row: WebhookSubscription, by: User | None, **facts: Any) -> None:
    audit.record(verb, by=by, subject_type="webhook", subject_id=row.pk, name=row.name, **facts)
