"""What the house's own mail server found out about the sender of a mail (Authentication-Results, RFC 8601).

Anybody can write such a field. Only the topmost one that bears the name of our own server counts: that server put it there
last, above everything a stranger wrote. A server of which nothing is found has not looked.
"""

import re
from collections.abc import Sequence

from onepoint.channels.states import MailTrust

#: A sender may put anything between quotation marks before his ``@``: only a plain value is taken out of them.
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.){0,500})\"(@?)")
_PLAIN = re.compile(r"[\w.+=@-]{1,300}")
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"^\s*([a-z0-9-]{1,40})\s*=\s*([a-z]{1,20})(.{0,1000})$", re.I | re.S)
_PROVED = re.compile(r"(?<![\w.])(?:header\.d|header\.i|smtp\.mailfrom)\s*=\s*<?([^\s<>]{1,500})", re.I)
_NAMED = re.compile(r"(?<![\w.])header\.from\s*=\s*<?([^\s<>]{1,500})", re.I)


def trust_of(fields: Sequence[str], server: str, sender: str) -> MailTrust:
    """What ``server`` says about ``sender``; ``fields`` in the order of the mail, the topmost first."""
    results = next((found for one in fields if (found := _results(one, server)) is not None), [])
    domain = sender.rpartition("@")[2]
    for method, result, more in results:
        # With two senders in a mail it may have looked at the other one.
        if method == "dmarc" and result == "pass" and (not _NAMED.search(more) or _is_aligned(_NAMED, more, domain)):
            return MailTrust.PASSED
    if any(method == "dmarc" and result == "fail" for method, result, _more in results):
        return MailTrust.FAILED
    for method, result, more in results:
        if method in ("dkim", "spf") and result == "pass" and _is_aligned(_PROVED, more, domain):
            return MailTrust.PASSED
    has_signature = any(method == "dkim" and result == "pass" for method, result, _more in results)
    if not has_signature and any(method == "spf" and result == "fail" for method, result, _more in results):
        return MailTrust.FAILED
    return MailTrust.UNPROVEN


def _results(field: str, server: str) -> list[tuple[str, str, str]] | None:
    """(method, result, properties) of a field of that server; None for another's."""
    said = _QUOTED.sub(_plainly, field[:4000]).partition('"')[0]
    for _depth in range(3):
        said = _COMMENT.sub(" ", said)
    parts = said.split(";")
    named = parts[0].split()
    if not named or named[0].lower() != server.strip().lower():
        return None
    found = [match for part in parts[1:50] if (match := _RESULT.match(part))]
    return [(match[1].lower(), match[2].lower(), match[3]) for match in found]


def _plainly(quoted: re.Match[str]) -> str:
    is_plain = not quoted[2] and _PLAIN.fullmatch(quoted[1])
    return quoted[1] if is_plain else f"?{quoted[2]}"


def _is_aligned(property_: re.Pattern[str], properties: str, domain: str) -> bool:
    """The domain that was proved is the sender's, or one of which the sender's is a part, or the other way round."""
    if not domain:
        return False
    for proved in (match[1].lower().rpartition("@")[2].rstrip(".") for match in property_.finditer(properties)):
        shorter, longer = sorted((proved, domain), key=len)
        if shorter == longer or ("." in shorter and longer.endswith(f".{shorter}")):
            return True
    return False
