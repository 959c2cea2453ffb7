"""A message as an e-mail (RFC 5322, RFC 3834)."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as RULES
from email.utils import format_datetime

from onepoint.channels.mail.robots import LOOP_HEADER
from onepoint.channels.providers.interface import Letter, Refused

#: Bodies in 7 bits: nothing on the way has to be trusted with more.
_POLICY = RULES.clone(cte_type="7bit")
MOST_REFERENCES = 20


def parsed_address(text: str, name: str = "") -> Address:
    """The address, its domain in ASCII. Raises ValueError."""
    local, _at, domain = text.strip().rpartition("@")
    if not local or not domain or any(char in text for char in " \r\n\t<>,;"):
        raise ValueError("this is no e-mail address")
    try:
        plain = domain.encode("idna").decode()
    except UnicodeError as problem:
        raise ValueError("this is no e-mail address") from problem
    return Address(display_name=one_line(name), username=local, domain=plain)


def one_line(text: str) -> str:
    """Without line breaks and control characters, so that nobody smuggles in a header."""
    return " ".join("".join(char if ord(char) >= 32 and ord(char) != 127 else " " for char in text).split())


def compose(letter: Letter, *, sender: Address, reply_to: Address | None) -> EmailMessage:
    """The e-mail; its Message-ID is the same each time it is tried. Raises Refused for an address that is none."""
    mail = EmailMessage(policy=_POLICY)
    try:
        mail["To"] = parsed_address(letter.address)
    except ValueError as problem:
        raise Refused(str(problem)) from problem
    mail["From"] = sender
    if letter.reply_to:
        mail["Reply-To"] = parsed_address(letter.reply_to)
    elif reply_to is not None:
        mail["Reply-To"] = reply_to
    mail["Subject"] = one_line(letter.subject) or one_line(letter.text)[:60]
    if letter.written_at is not None:
        mail["Date"] = format_datetime(letter.written_at)
    mail["Message-ID"] = f"<{letter.id}@{sender.domain}>"
    if letter.copies_to:
        try:
            mail["Cc"] = [parsed_address(one) for one in letter.copies_to]
        except ValueError as problem:
            raise Refused(str(problem)) from problem
    mail[LOOP_HEADER] = sender.addr_spec
    if letter.origin != "person":
        # RFC 3834: holiday notices and other robots do not answer it.
        mail["Auto-Submitted"] = "auto-replied" if letter.origin == "reply" else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    _put_into_thread(mail, letter)
    if letter.language:
        mail["Content-Language"] = "zh-CN" if letter.language.startswith("zh") else one_line(letter.language)
    mail.set_content(letter.text + "\n")
    if letter.html:
        mail.add_alternative(letter.html, subtype="html")
    for file in letter.files:
        main, _slash, sub = file.content_type.partition("/")
        if main in ("text", "message", "multipart"):  # sent byte by byte, as it was stored
            main, sub = "application", "octet-stream"
        mail.add_attachment(file.read(), maintype=main, subtype=sub or "octet-stream", filename=one_line(file.name))
    return mail


def _put_into_thread(mail: EmailMessage, letter: Letter) -> None:
    """The headers by which the customer's mail program shows the answer below the question (RFC 5322, 3.6.4)."""
    if letter.answers:
        mail["In-Reply-To"] = one_line(letter.answers)
    known = [one for one in dict.fromkeys(letter.references.split()) if one != letter.answers]
    chain = [*known[:1], *known[1:][-MOST_REFERENCES:], *([letter.answers] if letter.answers else [])]
    if chain:
        mail["References"] = " ".join(one_line(one) for one in chain)
