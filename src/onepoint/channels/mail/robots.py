"""Who must not be answered: robots, lists, daemons, ourselves (RFC 3834)."""

import re
from email.message import Message

from onepoint.channels.mail.headers import addresses, field, fields

#: We write our address into every mail; one that comes back with it is our own.
LOOP_HEADER = "X-Onepoint-Loop"
_DAEMONS = re.compile(
    r"^(?:mailer-?daemon|postmaster|daemon|mail(?:er)?|maildelivery|bounces?|no-?reply|do-?not-?reply|auto-?reply|autoresponder"
    r"|noreply|system|notification|notifications|listserv|majordomo|owner-.{1,60}|.{1,60}-(?:bounces|request|owner))"
    r"(?:[+=].{0,100})?$"
)
_AWAY = re.compile(
    r"^(?:\[?(?:自动回复|自动答复|自動回覆|休假(?:回复|通知)|外出自动答复|out of (?:the )?office|automatic reply|auto(?:matic)?[ -]?(?:reply|response)"
    r"|auto:|autoreply|vacation(?: reply)?|away from|不在办公室|abwesen)"
    r"|(?:undeliverable|undelivered|delivery (?:status )?(?:notification|failure)|mail delivery|returned mail|退信|邮件退回|系统退信"
    r"|failure notice|read:|已读:|已读：|not read:))",
    re.I,
)


def robot_mark(mail: Message) -> str:
    """By what the mail shows that no person wrote it: a code, empty for none."""
    submitted = field(mail, "auto-submitted").lower().partition(";")[0].strip()
    if submitted and submitted != "no":
        return "auto_submitted"
    if field(mail, "precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return "precedence"
    if mail.get_content_type() == "multipart/report":
        return "report"
    if any(value in ("<>", "") for value in fields(mail, "return-path")):
        return "null_sender"
    if any(field(mail, name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from")):
        return "auto_header"
    if field(mail, "x-failed-recipients"):
        return "report"
    senders = addresses(mail, "from", 3)
    if senders and _DAEMONS.match(senders[0][1].rpartition("@")[0]):
        return "daemon"
    if _AWAY.match(field(mail, "subject").lstrip()):
        return "subject"
    if field(mail, "list-id") or field(mail, "list-unsubscribe"):
        return "list"
    return ""


def must_not_be_answered(mail: Message, mark: str) -> bool:
    """Also where a person may have written it but asks for no automatic answers."""
    asked = field(mail, "x-auto-response-suppress").lower()
    return bool(mark) or any(word in asked for word in ("all", "autoreply", "oof")) or not addresses(mail, "from", 1)
