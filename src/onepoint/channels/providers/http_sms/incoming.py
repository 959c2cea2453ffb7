"""What an SMS provider posts to us: from whom, what, under which number; signed where the provider can."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from onepoint.channels.providers.interface import Arrived, CallRefused, IncomingCall, because
from onepoint.core.explaining import explain_feel_error
from onepoint.core.feel import FeelError, FeelLimitError, FeelSyntaxError, compile_expression

NAMES = frozenset({"body", "item"})
EXPRESSIONS = ("incoming_list", "incoming_from", "incoming_to", "incoming_text", "incoming_number")
TOLERANCE = 300.0  # seconds a signed call may be old or early
MOST_ITEMS = 500
LONGEST_BODY = 512 * 1024
LONGEST_TEXT = 20_000


def receive(
    settings: Mapping[str, Any], secrets: Mapping[str, str], call: IncomingCall
) -> tuple[list[Arrived], str]:  # fmt: skip
    """The messages of one call, and the answer the provider wants to hear. Raises CallRefused."""
    if len(call.body) > LONGEST_BODY:
        raise CallRefused(400, "too long")
    if settings.get("incoming_proof") == "signed":
        check_signature(secrets.get("incoming_key", ""), call)
    body = _read(call)
    items = _value(settings, "incoming_list", {"body": body, "item": body})
    items = [body] if items is None else items
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise CallRefused(400, "no list")
    found = [
        _arrived(settings, body, item, call, place if len(items) > 1 else None) for place, item in enumerate(items)
    ]
    return found, str(settings.get("incoming_answer") or "ok")


def check_signature(key: str, call: IncomingCall) -> None:
    """After the Standard Webhooks rules, as our own webhooks are signed. Raises CallRefused."""
    number, moment = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
    given = call.headers.get("webhook-signature", "")
    if not key or not number or not moment.isdecimal() or len(moment) > 12 or len(given) > 2000:
        raise CallRefused(401, "not signed")
    if abs(call.at.timestamp() - int(moment)) > TOLERANCE:
        raise CallRefused(401, "too old")
    digest = hmac.new(_key_of(key), f"{number}.{moment}.".encode() + call.body, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}".encode()
    if not any(hmac.compare_digest(one.encode(), wanted) for one in given.split()):
        raise CallRefused(401, "wrong signature")


def _key_of(key: str) -> bytes:
    return base64.b64decode(key[6:]) if key.startswith("whsec_") else key.encode()


def _read(call: IncomingCall) -> Any:
    kind = call.content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return dict(parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=100))
        return json.loads(call.body)
    except (ValueError, RecursionError) as problem:
        raise CallRefused(400, "neither JSON nor a form") from problem


def _arrived(settings: Mapping[str, Any], body: Any, item: Any, call: IncomingCall, place: int | None) -> Arrived:
    facts = {"body": body, "item": item}
    source, text = _word(settings, "incoming_from", facts, 40), _word(settings, "incoming_text", facts, LONGEST_TEXT)
    if not source:
        raise CallRefused(400, "no sender")
    number = _word(settings, "incoming_number", facts, 110)
    if not number and (signed := call.headers.get("webhook-id", "")[:100]):
        number = signed if place is None else f"{signed}/{place}"
    return Arrived(
        source=source, destination=_word(settings, "incoming_to", facts, 40),
        content=text.encode("utf-16-be", "replace"), peer_id=number,
    )  # fmt: skip


def _word(settings: Mapping[str, Any], name: str, facts: dict[str, Any], most: int) -> str:
    value = _value(settings, name, facts)
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    return str(value)[:most]


def _value(settings: Mapping[str, Any], name: str, facts: dict[str, Any]) -> Any:
    text = (settings.get(name) or "").strip()
    try:
        return compile_expression(text, NAMES)(facts) if text else None
    except FeelLimitError:
        return None


def complain(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the settings, by field."""
    errors = {}
    for name in EXPRESSIONS:
        try:
            if text := (settings.get(name) or "").strip():
                compile_expression(text, NAMES)
        except FeelError as problem:
            detail = explain_feel_error(problem) if isinstance(problem, FeelSyntaxError) else problem
            errors[name] = because(_("This is no FEEL expression over body and item."), detail)
    key = settings.get("incoming_key") or ""
    if key and not (settings.get("incoming_from") and settings.get("incoming_text")):
        errors["incoming_from"] = _("Please say where sender and text stand.")
    if 0 < len(key) < 16:
        errors["incoming_key"] = _("Please use at least 16 characters.")
    elif key.startswith("whsec_") and _is_no_base64(key[6:]):
        errors["incoming_key"] = _("After whsec_ comes Base64 of at least 16 bytes.")
    return errors


def _is_no_base64(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) < 16
    except ValueError:
        return True
