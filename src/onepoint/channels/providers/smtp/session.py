"""The conversation with a mail server, by the standard library's client: it is maintained with Python itself."""

import smtplib
import ssl
import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from onepoint.channels.providers.interface import MOST_SECONDS, FailedForNow, Letter, PeerDown, Refused, Taken, because
from onepoint.channels.providers.smtp.letter import compose, parsed_address
from onepoint.core import outgoing_http

IDLE_SECONDS = 30.0  # servers hang up on those who say nothing; before that we do
MOST_PER_CONNECTION = 100


def complain(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the settings, by field."""
    errors = {}
    for name in ("sender", "reply_to"):
        if settings.get(name):
            try:
                parsed_address(settings[name])
            except ValueError:
                errors[name] = _("This is no e-mail address.")
    if settings.get("encryption") == "none" and settings.get("username"):
        errors["encryption"] = _("A password is not sent without encryption.")
    return errors


class SmtpSession:
    """One connection, opened when there is something to send and kept for the next messages."""

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        self.settings, self.secrets = settings, secrets
        self.sender = parsed_address(settings["sender"], settings.get("sender_name", ""))
        self.reply_to = parsed_address(settings["reply_to"]) if settings.get("reply_to") else None
        self.client: smtplib.SMTP | None = None
        self.used_at = 0.0
        self.sent = 0

    def send(self, letter: Letter) -> Taken:
        mail = compose(letter, sender=self.sender, reply_to=self.reply_to)
        wide = not letter.address.isascii() and not letter.address.rpartition("@")[0].isascii()
        was_open = self.client is not None
        try:
            try:
                self._begin(wide)
            except (OSError, smtplib.SMTPServerDisconnected):
                if not was_open:
                    raise
                # The server hung up on a connection of ours that lay idle: nothing of this message was said on it.
                self.close()
                self._begin(wide)
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            raise self._judged_begin(problem) from problem
        return self._hand_over(letter, mail, wide)

    def _begin(self, wide: bool) -> None:
        """Everything up to the recipient: connection, login, MAIL FROM."""
        if self.client is None:
            self._open()
        client = self.client
        assert client is not None
        if wide and not client.has_extn("smtputf8"):
            raise Refused(_("The mail server takes no addresses with letters outside ASCII."))
        with outgoing_http.cut_after(MOST_SECONDS, lambda: client.sock):
            code, answer = client.mail(self.sender.addr_spec, ["smtputf8"] if wide else [])
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, answer, self.sender.addr_spec)

    def _open(self) -> None:
        self.sent = 0
        encryption = self.settings.get("encryption", "starttls")
        context = ssl.create_default_context()
        if not self.settings.get("verifies", True):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        host, port = self.settings["host"], int(self.settings["port"])
        began = time.monotonic()
        client = smtplib.SMTP(timeout=MOST_SECONDS, local_hostname=self.sender.domain)
        client._host = host  # type: ignore[attr-defined]  # the certificate is checked against it
        self.client = client
        client.sock = outgoing_http.connect(host, port, seconds=MOST_SECONDS, allows_private=True)
        with outgoing_http.opened_within(MOST_SECONDS - (time.monotonic() - began), client.sock):
            if encryption == "tls":
                client.sock = context.wrap_socket(client.sock, server_hostname=host)
            code, answer = client.getreply()
            if code != 220:
                raise smtplib.SMTPConnectError(code, answer)
            if encryption == "starttls":
                client.starttls(context=context)
            client.ehlo_or_helo_if_needed()
            if self.settings.get("username"):
                client.login(self.settings["username"], self.secrets.get("password", ""))

    def _judged_begin(self, problem: Exception) -> Exception:
        """Before the recipient is named nothing can be the message's fault."""
        if isinstance(problem, smtplib.SMTPResponseException) and problem.smtp_code < 0:
            return PeerDown(_("What answers there is no mail server."))  # and what it says is nobody's
        if isinstance(problem, smtplib.SMTPAuthenticationError):
            return PeerDown(
                because(_("The mail server refuses the login."), f"{problem.smtp_code} {said(problem.smtp_error)}")
            )
        if isinstance(problem, smtplib.SMTPSenderRefused):
            return PeerDown(
                because(_("The mail server refuses the sender."), f"{problem.smtp_code} {said(problem.smtp_error)}")
            )
        if isinstance(problem, smtplib.SMTPResponseException):
            return PeerDown(f"{problem.smtp_code} {said(problem.smtp_error)}")
        return PeerDown(because(_("No connection to the mail server."), said(str(problem))))

    def _hand_over(self, letter: Letter, mail: Any, wide: bool) -> Taken:
        client = self.client
        assert client is not None
        is_uncertain = False
        try:
            with outgoing_http.cut_after(MOST_SECONDS, lambda: client.sock):
                recipient = str(mail["To"].addresses[0].addr_spec)
                code, answer = client.rcpt(recipient)
                if code not in (250, 251):
                    raise smtplib.SMTPRecipientsRefused({recipient: (code, answer)})
                for copy in mail["Cc"].addresses if mail["Cc"] else ():
                    client.rcpt(str(copy.addr_spec))  # one that is refused keeps nobody else from reading it
                content = mail.as_bytes(policy=mail.policy.clone(utf8=wide))
                is_uncertain = True
                code, answer = client.data(content)
                is_uncertain = not _is_reply(code)
                if code != 250:
                    raise smtplib.SMTPDataError(code, answer)
        except smtplib.SMTPRecipientsRefused as problem:
            code, answer = next(iter(problem.recipients.values()))
            raise self._judged_answer(code, answer) from problem
        except smtplib.SMTPResponseException as problem:
            raise self._judged_answer(problem.smtp_code, problem.smtp_error, is_uncertain) from problem
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            reason = _("The connection to the mail server broke.")
            raise FailedForNow(f"{reason} {said(str(problem))}", is_uncertain=is_uncertain, is_ill=True) from problem
        self.used_at = time.monotonic()
        self.sent += 1
        if self.sent >= MOST_PER_CONNECTION:
            self.close()
        return Taken(str(mail["Message-ID"]))

    def _judged_answer(self, code: int, answer: bytes | str, is_uncertain: bool = False) -> Exception:
        """4xx: again later; 5xx: never; 421: the server is closing down; anything else is nothing a mail server says."""
        if not _is_reply(code):
            self.close()
            return FailedForNow(because(_("This is no answer of a mail server."), said(answer)),
                                is_uncertain=is_uncertain, is_ill=True)  # fmt: skip
        reason = f"{code} {said(answer)}"
        if code == 421:
            self.close()
            return PeerDown(reason)
        self._reset()
        return FailedForNow(reason) if 400 <= code < 500 else Refused(reason)

    def _reset(self) -> None:
        client = self.client
        if client is None:
            return
        try:
            with outgoing_http.cut_after(MOST_SECONDS, lambda: client.sock):
                client.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def idle(self, seconds: float) -> None:
        if self.client is not None and time.monotonic() - self.used_at > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        client, self.client = self.client, None
        if client is None:
            return
        try:
            if client.sock is not None:
                client.sock.settimeout(1.0)
                with outgoing_http.cut_after(1.0, lambda: client.sock):
                    client.quit()
        except (OSError, smtplib.SMTPException):
            client.close()


def _is_reply(code: int) -> bool:
    """Whether it refuses, or takes over: what stands between (RFC 5321, 4.2.1) is no answer to a message."""
    return code in (250, 251) or 400 <= code < 600


def said(answer: bytes | str) -> str:
    """What the server said, on one line."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]
