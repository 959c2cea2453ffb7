"""One POST per message, and what its answer means."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from onepoint.channels.providers.interface import FailedForNow, Letter, PeerDown, Refused, SendError, Taken, because
from onepoint.core import outgoing_http
from onepoint.core.explaining import explain_feel_error
from onepoint.core.feel import Expression, FeelError, FeelLimitError, FeelSyntaxError, compile_expression

NAMES = frozenset({"status", "body"})
PLACES = re.compile(r"\{(address|text|id|secret)\}")
LONGEST_WAIT = 3600.0
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its ``{places}`` filled in, in one pass: what is filled in is not looked at again."""
    return PLACES.sub(lambda found: values[found[1]], template)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def body_of(lines: list[str], values: Mapping[str, str], is_json: bool) -> bytes:
    """The fields as JSON (dots in names make objects) or as a form."""
    pairs = [
        (name.strip(), filled(value.strip(), values)) for name, _sign, value in (line.partition("=") for line in lines)
    ]
    if not is_json:
        return urlencode(pairs).encode()
    whole: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.split(".")
        place = whole
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return json.dumps(whole, ensure_ascii=False).encode()


def headers_of(lines: list[str], values: Mapping[str, str]) -> dict[str, str]:
    """Header lines with their places filled in; line breaks cannot get in."""
    found = {}
    for line in lines:
        if match := _HEADER.fullmatch(line):
            found[match[1]] = re.sub(r"[\x00-\x1f\x7f]", "", filled(match[2], values))
    return found


def complain(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the settings, by field."""
    errors = {}
    try:
        outgoing_http.judged(settings.get("url") or "")
    except outgoing_http.AddressForbidden:
        errors["url"] = _("Please enter an address that begins with https:// or http://.")
    for name in ("succeeded", "refused", "number"):
        try:
            _compiled(settings.get(name) or "")
        except FeelError as problem:
            detail = explain_feel_error(problem) if isinstance(problem, FeelSyntaxError) else problem
            errors[name] = because(_("This is no FEEL expression over status and body."), detail)
    fields = lines_of(settings.get("fields", ""))
    if any(not line.partition("=")[0].strip() or "=" not in line for line in fields):
        errors["fields"] = _("Each line needs a name, an equals sign and a value.")
    elif _clash(fields):
        errors["fields"] = _("A name cannot be both a value and an object.")
    if any(not _HEADER.fullmatch(line) for line in lines_of(settings.get("headers", ""))):
        errors["headers"] = _("Each line needs a name, a colon and a value.")
    return errors


def _clash(fields: list[str]) -> bool:
    names = [line.partition("=")[0].strip() for line in fields]
    return any(other.startswith(f"{name}.") or names.count(name) > 1 for name in names for other in names)


def _compiled(text: str) -> Expression | None:
    return compile_expression(text, NAMES) if text.strip() else None


class HttpSmsSession:
    """No connection is kept: the address is judged anew each time."""

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        self.settings = settings
        self.secret = secrets.get("secret", "")
        self.succeeded = _compiled(settings.get("succeeded") or "status < 300")
        self.refused = _compiled(settings.get("refused") or "")
        self.number = _compiled(settings.get("number") or "")

    def send(self, letter: Letter) -> Taken:
        address = letter.address
        if self.settings.get("national", True) and address.startswith("+86"):
            address = address[3:]
        values = {"address": address, "text": letter.text, "id": letter.id, "secret": self.secret}
        is_json = self.settings.get("format", "json") == "json"
        kind = "application/json; charset=utf-8" if is_json else "application/x-www-form-urlencoded; charset=utf-8"
        headers = {"Content-Type": kind, "User-Agent": "Onepoint/1", "Idempotency-Key": letter.id}
        headers |= headers_of(lines_of(self.settings.get("headers", "")), values)
        body = body_of(lines_of(self.settings["fields"]), values, is_json)
        try:
            answer = outgoing_http.post(
                self.settings["url"], body, headers, allows_private=bool(self.settings.get("allows_private"))
            )
        except outgoing_http.AddressForbidden as problem:
            raise PeerDown(because(_("The gateway may not call that address."), problem)) from problem
        except outgoing_http.NoAnswer as problem:
            if problem.is_sent:
                raise FailedForNow(str(problem), is_uncertain=True, is_ill=True) from problem
            raise PeerDown(str(problem)) from problem
        return self._judged(answer)

    def _judged(self, answer: outgoing_http.Answer) -> Taken:
        try:
            body = json.loads(answer.body)
        except (ValueError, RecursionError):
            body = None
        facts = {"status": answer.status, "body": body}
        if self._says(self.succeeded, facts) is True:
            number = self._says(self.number, facts)
            return Taken("" if number is None else str(number)[:80])
        reason = self._without_secret(f"HTTP {answer.status} {_shown(answer.body)}")
        raise self._failure(answer, facts, reason)

    def _failure(self, answer: outgoing_http.Answer, facts: dict[str, Any], reason: str) -> SendError:
        if answer.status in (429, 503):
            wait = answer.headers.get("retry-after", "")
            return PeerDown(reason, wait=min(float(wait), LONGEST_WAIT) if wait.isdecimal() and len(wait) < 8 else None)
        if answer.status in (401, 403):
            # The login is wrong, not the message: it waits until somebody mends the gateway.
            return PeerDown(reason)
        if self._says(self.refused, facts) is True:
            return Refused(reason)
        return FailedForNow(reason, is_ill=answer.status >= 500)

    def _says(self, expression: Expression | None, facts: dict[str, Any]) -> Any:
        try:
            return expression(facts) if expression else None
        except FeelLimitError:
            return None

    def _without_secret(self, text: str) -> str:
        """Some providers quote the request in their answer."""
        return text.replace(self.secret, "****") if self.secret else text

    def idle(self, seconds: float) -> None:
        """Nothing is kept open."""

    def close(self) -> None:
        """Nothing is kept open."""


def _shown(body: bytes) -> str:
    text = body[:600].decode("utf-8", "replace")
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:200]
