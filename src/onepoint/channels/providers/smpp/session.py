"""The conversation with a short message centre: one message at a time, receipts whenever they come."""

import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from onepoint.channels.providers.interface import (
    MOST_SECONDS,
    Arrived,
    FailedForNow,
    Letter,
    Part,
    PeerDown,
    Refused,
    Report,
    SendError,
    Taken,
    because,
)
from onepoint.channels.providers.smpp import alphabet, incoming, pdu
from onepoint.core import outgoing_http

log = logging.getLogger(__name__)

LINK_SECONDS = 30.0  # of silence, then we ask whether the other side is still there
_THROTTLED = {0x58: 5.0, 0x14: 15.0}  # too fast; its queue for us is full
_FOR_NOW = {0x08, 0x45, 0x64, 0x65, 0xFE}
_FINAL_STATES = {2: "", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}
_FINAL_WORDS = {"DELIVRD": "", "EXPIRED": "EXPIRED", "DELETED": "DELETED", "UNDELIV": "UNDELIV", "REJECTD": "REJECTD"}
#: Receipts have about a hundred characters; a longer text is none.
LONGEST_RECEIPT = 300
_RECEIPT = re.compile(r"id:\s*(\S{1,64}).*?stat:\s*([A-Z]{5,8})(?:.*?err:\s*(\S{1,10}))?", re.I | re.S)
_UDHI = 0x40


def complain(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the settings, by field."""
    errors = {}
    if not re.fullmatch(r"[\x21-\x7e]{1,15}", settings.get("system_id") or ""):
        errors["system_id"] = _("1 to 15 characters without blanks.")
    if len(settings.get("password") or "") > 8:
        errors["password"] = _("At most 8 characters.")
    if not re.fullmatch(r"[0-9A-Za-z+]{0,20}", settings.get("sender") or ""):
        errors["sender"] = _("At most 20 digits or letters.")
    return errors


class SmppSession:
    """One bind as a transceiver."""

    def __init__(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], report: Callable[[Report | Arrived], None]
    ) -> None:
        self.settings, self.secrets, self.report = settings, secrets, report
        self.socket: socket.socket | None = None
        self.pending = b""
        self.sequence = 0
        self.heard_at = 0.0

    @property
    def uses_gsm(self) -> bool:
        """Whether what has no coding is in the GSM alphabet."""
        return bool(self.settings.get("alphabet", "gsm") == "gsm")

    # --- sending

    def send(self, letter: Letter) -> Taken:
        destination, is_international = self._destination(letter.address)
        try:
            text = alphabet.encode(letter.text, uses_gsm=self.uses_gsm)
        except alphabet.TooLong as problem:
            raise Refused(_("The text is too long for a short message.")) from problem
        self._bind()
        taken: list[Part] = []
        count = len(text.parts)
        for number, piece in enumerate(text.parts, 1):
            if number in letter.parts_taken:
                continue
            head = alphabet.header(letter.number, count, number) if count > 1 else b""
            body = pdu.submit_body(
                source=self.settings.get("sender", ""), source_ton=int(self.settings.get("sender_ton", 0)),
                destination=destination, is_international=is_international, esm_class=_UDHI if head else 0,
                wants_receipt=bool(self.settings.get("receipts", True)), coding=text.coding, text=head + piece,
                reference=letter.number,
            )  # fmt: skip
            taken.append(Part(number, self._submit(body, tuple(taken))))
        return Taken(" ".join(part.peer_id for part in taken)[:200], tuple(taken))

    def _destination(self, address: str) -> tuple[str, bool]:
        digits = re.sub(r"[\s()\-]", "", address)
        if not re.fullmatch(r"\+?[0-9]{3,20}", digits):
            raise Refused(_("This is no telephone number."))
        if self.settings.get("national", True) and digits.startswith("+86"):
            return digits[3:], False
        return digits.removeprefix("+"), digits.startswith("+")

    def _submit(self, body: bytes, taken: tuple[Part, ...]) -> str:
        try:
            answer = self._ask(pdu.SUBMIT_SM, body)
            peer_id = pdu.parse_message_id(answer.body) if answer.status == pdu.ESME_ROK else ""
        except (OSError, pdu.Malformed) as problem:
            self._drop(problem)
            reason = because(_("The connection to the short message centre broke."), problem)
            raise FailedForNow(reason, is_uncertain=True, is_ill=True, parts=taken) from problem
        if answer.status == pdu.ESME_ROK:
            return peer_id
        raise _judged(answer.status, taken)

    # --- the connection

    def _bind(self) -> None:
        if self.socket is not None:
            return
        try:
            self._open()
            answer = self._ask(
                pdu.BIND_TRANSCEIVER,
                pdu.bind_body(
                    self.settings["system_id"], self.secrets.get("password", ""), self.settings.get("system_type", "")
                ),
            )
        except (OSError, pdu.Malformed, outgoing_http.AddressForbidden) as problem:
            self._drop(problem)
            raise PeerDown(because(_("No connection to the short message centre."), problem)) from problem
        if answer.status != pdu.ESME_ROK:
            self.close()
            raise PeerDown(because(_("The short message centre refuses the login."), f"0x{answer.status:08X}"))

    def _open(self) -> None:
        host = self.settings["host"]
        connection = outgoing_http.connect(host, int(self.settings["port"]), seconds=MOST_SECONDS, allows_private=True)
        if self.settings.get("tls"):
            with outgoing_http.opened_within(MOST_SECONDS, connection):
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
        self.socket, self.pending, self.heard_at = connection, b"", time.monotonic()

    def _ask(self, command: int, body: bytes = b"") -> pdu.Pdu:
        """The answer to a request; what comes in between is dealt with. Raises OSError and Malformed."""
        self.sequence = self.sequence % 0x7FFFFFFE + 1
        deadline = time.monotonic() + MOST_SECONDS
        self._write(pdu.Pdu(command, 0, self.sequence, body))
        while True:
            unit = self._read(deadline)
            if unit is None:
                raise OSError(_("no answer in time"))
            if unit.sequence == self.sequence and unit.command in (command | pdu.RESPONSE, pdu.GENERIC_NACK):
                if unit.command == pdu.GENERIC_NACK and unit.status == pdu.ESME_ROK:
                    raise pdu.Malformed("a refusal without a reason")
                return unit
            self._answer(unit)
            if time.monotonic() > deadline:  # one that never stops talking is no better than a silent one
                raise OSError(_("no answer in time"))

    def _write(self, unit: pdu.Pdu) -> None:
        if self.socket is None:
            raise OSError("not connected")
        self.socket.settimeout(MOST_SECONDS)
        self.socket.sendall(unit.pack())

    def _read(self, deadline: float) -> pdu.Pdu | None:
        """The next unit, or None when none was complete in time. Raises OSError and Malformed."""
        while True:
            if len(self.pending) >= pdu.HEADER.size:
                length = pdu.length_of(self.pending[: pdu.HEADER.size])
                if len(self.pending) >= length:
                    raw, self.pending = self.pending[:length], self.pending[length:]
                    self.heard_at = time.monotonic()
                    return pdu.unpack(raw)
            if self.socket is None:
                raise OSError("not connected")
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                piece = self.socket.recv(8192)
            except TimeoutError:
                return None
            if not piece:
                raise OSError(_("the other side hung up"))
            self.pending += piece

    def _answer(self, unit: pdu.Pdu) -> None:
        """A request of the centre's."""
        if unit.command & pdu.RESPONSE:
            return  # too late: of something we gave up
        if unit.command == pdu.ENQUIRE_LINK:
            self._write(pdu.Pdu(pdu.ENQUIRE_LINK | pdu.RESPONSE, 0, unit.sequence))
        elif unit.command == pdu.DELIVER_SM:
            self._write(pdu.Pdu(pdu.DELIVER_SM | pdu.RESPONSE, self._receive(unit), unit.sequence, b"\0"))
        elif unit.command == pdu.UNBIND:
            self._write(pdu.Pdu(pdu.UNBIND | pdu.RESPONSE, 0, unit.sequence))
            raise OSError(_("the other side hung up"))
        else:
            self._write(pdu.Pdu(pdu.GENERIC_NACK, pdu.ESME_RINVCMDID, unit.sequence))

    def _receive(self, unit: pdu.Pdu) -> int:
        """Store a receipt, or what somebody sent, before it is acknowledged; what cannot be stored stays with the centre.

        What cannot be read is refused for good: offered again and again it would hold up everything else.
        """
        try:
            delivered = pdu.parse_deliver(unit.body)
        except pdu.Malformed as problem:
            log.warning("the short message centre delivered %s bytes that are no message: %s", len(unit.body), problem)
            return pdu.ESME_RX_R_APPN
        news = report_of(delivered) if delivered.is_receipt else incoming.arrived_of(delivered, self.uses_gsm)
        try:
            if news is not None:
                self.report(news)
        except Exception:  # the centre offers it again; sending must go on meanwhile
            log.exception("what the short message centre delivered could not be stored")
            return pdu.ESME_RX_T_APPN
        return pdu.ESME_ROK

    def idle(self, seconds: float) -> None:
        self._bind()
        deadline = time.monotonic() + seconds
        try:
            while (unit := self._read(deadline)) is not None:
                self._answer(unit)
                if time.monotonic() > deadline:  # what more it has to say waits: there may be something to send
                    break
            if time.monotonic() - self.heard_at > LINK_SECONDS:
                self._ask(pdu.ENQUIRE_LINK)
        except (OSError, pdu.Malformed) as problem:
            self._drop(problem)
            raise PeerDown(because(_("The connection to the short message centre broke."), problem)) from problem

    def _drop(self, problem: Exception) -> None:
        """After an error: tell the other side what was not understood, and end."""
        if isinstance(problem, pdu.Malformed):
            try:
                self._write(pdu.Pdu(pdu.GENERIC_NACK, problem.status, problem.sequence))
            except OSError:
                pass
        connection, self.socket, self.pending = self.socket, None, b""
        if connection is not None:
            connection.close()

    def close(self) -> None:
        if self.socket is None:
            return
        try:
            self.sequence = self.sequence % 0x7FFFFFFE + 1
            self._write(pdu.Pdu(pdu.UNBIND, 0, self.sequence))
            self._read(time.monotonic() + 1.0)
        except (OSError, pdu.Malformed):
            pass
        connection, self.socket, self.pending = self.socket, None, b""
        if connection is not None:
            connection.close()


def _judged(status: int, taken: tuple[Part, ...]) -> SendError:
    reason = because(_("The short message centre refused it."), f"0x{status:08X}")
    if status in _THROTTLED:
        return PeerDown(reason, wait=_THROTTLED[status], parts=taken)
    if status in _FOR_NOW:
        return FailedForNow(reason, parts=taken)
    return Refused(reason, parts=taken)


def report_of(delivered: pdu.Delivered) -> Report | None:
    """What a receipt says at last; None for one that only tells it is under way."""
    peer_id = delivered.options.get(pdu.TAG_RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1")
    state = delivered.options.get(pdu.TAG_MESSAGE_STATE, b"")
    found = _RECEIPT.search(delivered.text[:LONGEST_RECEIPT].decode("latin-1"))
    if not peer_id and found:
        peer_id = found[1]
    if len(state) == 1 and state[0] in _FINAL_STATES:
        error = _FINAL_STATES[state[0]]
    elif found and found[2].upper() in _FINAL_WORDS:
        error = _FINAL_WORDS[found[2].upper()]
    else:
        return None
    if not peer_id:
        return None
    code = f" {found[3]}" if found and found[3] and error else ""
    return Report(peer_id[:80], not error, f"{error}{code}")
