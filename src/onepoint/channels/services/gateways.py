"""Setting gateways up, switching them, trying them; stopping and releasing all sending."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels import policies
from onepoint.channels.models import Circuit, Gateway, OutboxHold, OutgoingMessage
from onepoint.channels.providers import providers
from onepoint.channels.providers.interface import Provider
from onepoint.channels.services.outbox import send_message
from onepoint.channels.states import Medium
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.sealing import SealBroken, seal, unseal
from onepoint.core.text import clean

_OWN = ("name", "name_en", "rank", "rate_per_minute", "connections")


@transaction.atomic
def create_gateway(
    *,
    provider: str,
    name: str,
    name_en: str = "",
    settings: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    rank: int = 10,
    rate_per_minute: int | None = None,
    connections: int = 2,
    by: User | None,
) -> Gateway:
    """Set up a way out. ``settings`` and ``secrets`` are by the names the provider declares.

    Raises NotPermitted and InvalidInput (by field; ``settings`` fields under their own names).
    """
    require(policies.why_not_change_gateways(by))
    kind = providers().get(provider)
    if kind is None:
        raise InvalidInput({"provider": _("There is no such kind of gateway.")})
    own = {
        "name": clean(name), "name_en": clean(name_en)[:120], "rank": rank, "rate_per_minute": rate_per_minute,
        "connections": connections,
    }  # fmt: skip
    kept = _settings_of(kind, settings)
    given = _secrets_of(kind, secrets or {}, {})
    _check(kind, own, kept, given)
    gateway = Gateway.objects.create(
        provider=provider, medium=kind.medium, settings=kept, sealed_secrets=seal(given), created_at=clock.now(), **own
    )
    audit.record(
        "gateway.created",
        by=by,
        subject_type="gateway",
        subject_id=gateway.pk,
        name=gateway.name,
        name_en=gateway.name_en,
    )
    return gateway


@transaction.atomic
def change_gateway(
    gateway: Gateway,
    *,
    revision: int,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    by: User | None,
    **own: Any,
) -> None:
    """Change names, order, rate, connections and settings; a secret left empty stays. Open connections begin anew.

    ``revision`` is the one that was looked at. Raises NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_change_gateways(by))
    kind = providers()[gateway.provider]
    values = {name: own.get(name, getattr(gateway, name)) for name in _OWN} | {
        "name": clean(own.get("name", gateway.name)),
        "name_en": clean(own.get("name_en", gateway.name_en))[:120],
    }
    kept = _settings_of(kind, settings)
    try:
        old_secrets = unseal(gateway.sealed_secrets)
    except SealBroken:
        old_secrets = {}
    given = _secrets_of(kind, secrets or {}, old_secrets)
    _check(kind, values, kept, given, besides=gateway.pk)
    changed = [name for name in _OWN if values[name] != getattr(gateway, name)]
    changed += [name for name, value in kept.items() if value != gateway.settings.get(name)]
    changed += [name for name, value in given.items() if value != old_secrets.get(name)]  # names only, never values
    updated = Gateway.objects.filter(pk=gateway.pk, revision=revision).update(
        settings=kept, sealed_secrets=seal(given), revision=F("revision") + 1, **values
    )
    if not updated:
        raise SomebodyWasFaster
    # Whatever failed before failed with other settings.
    Circuit.objects.filter(gateway=gateway, is_gone=False).delete()
    audit.record(
        "gateway.changed", by=by, subject_type="gateway", subject_id=gateway.pk, fields=", ".join(changed)
    )  # fmt: skip


@transaction.atomic
def switch_gateway(gateway: Gateway, *, on: bool, by: User | None) -> None:
    """Let a gateway send, or not; messages wait for another one or until it is back. Raises NotPermitted, SomebodyWasFaster."""
    require(policies.why_not_change_gateways(by))
    if not Gateway.objects.filter(pk=gateway.pk, is_active=not on).update(is_active=on):
        raise SomebodyWasFaster
    verb = "gateway.switched_on" if on else "gateway.switched_off"
    audit.record(verb, by=by, subject_type="gateway", subject_id=gateway.pk)


@transaction.atomic
def remove_gateway(gateway: Gateway, *, by: User | None) -> None:
    """Take a gateway away that is switched off; its messages stay. Raises NotPermitted, GatewayInUse."""
    require(policies.why_not_remove_gateway(gateway, by))
    audit.record(
        "gateway.removed",
        by=by,
        subject_type="gateway",
        subject_id=gateway.pk,
        name=gateway.name,
        name_en=gateway.name_en,
    )
    gateway.delete()


@transaction.atomic
def try_gateway(gateway: Gateway, *, address: str, by: User | None) -> OutgoingMessage:
    """Really send a message through this gateway to ``address``, at once even if it was interrupted.

    Raises NotPermitted, GatewayIsOff and InvalidInput.
    """
    require(policies.why_not_try_gateway(gateway, by))
    Circuit.objects.filter(gateway=gateway, peer="").delete()
    text = _("This is a test message of the gateway “%(name)s”.") % {"name": gateway.name}
    if gateway.medium == Medium.WEBHOOK:
        text = '{"type": "gateway.test"}'
    message = send_message(
        Medium(gateway.medium), address, key=f"gateway-test:{uuid.uuid4()}", subject=_("Test message"), text=text,
        urgent=True, gateway=gateway, audience=[f"P{by.pk}"] if by else (), by=by,
    )  # fmt: skip
    audit.record("gateway.tested", by=by, subject_type="gateway", subject_id=gateway.pk, message=message.pk)
    return message


@transaction.atomic
def reconnect_gateway(gateway: Gateway, *, circuit_id: int, by: User | None) -> None:
    """Let messages go to a peer again that was interrupted or had said it is gone. Raises NotPermitted."""
    require(policies.why_not_change_gateways(by))
    removed, _kinds = Circuit.objects.filter(gateway=gateway, pk=circuit_id).delete()
    if removed:
        audit.record("gateway.tried_again", by=by, subject_type="gateway", subject_id=gateway.pk)


@transaction.atomic
def hold_outbox(*, reason: str, by: User | None) -> None:
    """Stop all sending: after a restore, so that nothing is said twice, or because something went wrong.

    Messages wait (and their time to live goes on). Raises NotPermitted and InvalidInput.
    """
    require(policies.why_not_change_gateways(by))
    if not clean(reason):
        raise InvalidInput({"reason": _("Please give a reason.")})
    hold, is_new = OutboxHold.objects.get_or_create(
        only_one=True,
        defaults={"reason": clean(reason)[:200], "held_at": clock.now(), "held_by": by.get_full_name() if by else ""},
    )
    if is_new:
        audit.record("outbox.held", by=by, subject_type="outbox", subject_id=hold.pk, reason=hold.reason)


@transaction.atomic
def release_outbox(*, by: User | None) -> None:
    """Let messages leave again. Raises NotPermitted."""
    require(policies.why_not_change_gateways(by))
    for hold in OutboxHold.objects.select_for_update():
        audit.record("outbox.released", by=by, subject_type="outbox", subject_id=hold.pk, reason=hold.reason)
        hold.delete()


def _settings_of(kind: Provider, given: Mapping[str, Any]) -> dict[str, Any]:
    """Only what the provider declares and is no secret."""
    return {
        setting.name: given.get(setting.name, setting.default)
        for setting in kind.settings
        if setting.kind != "secret"
    }  # fmt: skip


def _secrets_of(kind: Provider, given: Mapping[str, str], old: Mapping[str, str]) -> dict[str, str]:
    """What was entered, else what was there."""
    names = [setting.name for setting in kind.settings if setting.kind == "secret"]
    both = {name: given.get(name) or old.get(name, "") for name in names}
    return {name: value for name, value in both.items() if value}


def _check(
    kind: Provider, own: Mapping[str, Any], settings: Mapping[str, Any], secrets: Mapping[str, str], besides: int = 0
) -> None:
    errors: dict[str, str] = {}
    if not own["name"] or len(own["name"]) > 80:
        errors["name"] = _("Please give a name of at most 80 characters.")
    elif Gateway.objects.filter(name=own["name"]).exclude(pk=besides).exists():
        errors["name"] = _("There is a gateway of that name.")
    if not 1 <= own["connections"] <= 16:
        errors["connections"] = _("Please enter a number from 1 to 16.")
    if own["rate_per_minute"] is not None and not 1 <= own["rate_per_minute"] <= 100_000:
        errors["rate_per_minute"] = _("Please enter a number from 1 to 100,000.")
    for setting in kind.settings:
        value = settings.get(setting.name)
        if setting.is_required and value in (None, ""):
            errors[setting.name] = _("Please fill this in.")
        elif setting.kind == "number" and not (isinstance(value, int) and setting.low <= value <= setting.high):
            errors[setting.name] = _("Please enter a number from %(low)s to %(high)s.") % vars(setting)
        elif setting.kind == "choice" and value not in dict(setting.choices):
            errors[setting.name] = _("Please choose one of these.")
    if not errors:
        errors = kind.complain({**settings, **secrets})
    if errors:
        raise InvalidInput(errors)


def kinds() -> dict[str, Provider]:
    """Every kind of gateway by its code, in the order of their media."""
    return dict(sorted(providers().items(), key=lambda pair: (Medium.values.index(pair[1].medium), pair[0])))


def secrets_known(gateway: Gateway) -> dict[str, str]:
    """Which secrets a gateway has, never what they are."""
    try:
        return dict.fromkeys(unseal(gateway.sealed_secrets), "yes")
    except SealBroken:
        return {}
