"""E-mails as customers' programs write them, made by code."""

from email.message import EmailMessage
from typing import Any

from onepoint.channels.models import IncomingMail, Mailbox
from onepoint.channels.queries import mail as queries
from onepoint.channels.services import mails

OURS = "service@onepoint.example"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\0" * 40


def letter(
    text: str = "本月话费异常，请核实。", *, sender: str = "王小明 <wang@example.com>", subject: str = "话费问题", number: Any = 1,
    answers: str = "", files: tuple[tuple[str, bytes, str], ...] = (), **headers: str,
) -> bytes:  # fmt: skip
    """A plain mail; ``headers`` with ``_`` for ``-``."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OURS, subject
    mail["Message-ID"], mail["Date"] = f"<m{number}@example.com>", "Mon, 23 Nov 2026 10:00:00 +0800"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for name, content, kind in files:
        main, _slash, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def arrive(mailbox: Mailbox | None, *raws: bytes) -> list[IncomingMail]:
    """Take mails in and file them; what became of each."""
    taken = [mails.take_in_mail(mailbox, raw, by=None) for raw in raws]
    mails.file_mails(by=None)
    rows = [row for row in taken if row is not None]
    for row in rows:
        row.refresh_from_db()
    return rows


def files_of(mail: IncomingMail) -> list[str]:
    return [file.name for file in queries.files_of_mail(mail)]
