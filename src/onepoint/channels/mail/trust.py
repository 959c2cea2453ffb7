"""What the house's own mail server found out about the sender of a mail (Authentication-Results, RFC 8601).

Anybody can write such a field. Only the topmost one that bears the name of our own server counts: that server put it there
last, above everything a stranger wrote. A server of which nothing is found has not looked.
"""

import re
from collections.abc import Sequence

from onepoint.channels.states import MailTrust

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"^\s*([a-z0-9-]{1,40})\s*=\s*([a-z]{1,20})(.{0,1000})$", re.I | re.S)
_DOMAIN = re.compile(
    r"(?:header\.d|header\.i|smtp\.mailfrom|header\.from)\s*=\s*\"?(?:[^\s;@\"]{0,200}@)?([^\s;\"@]{1,255})", re.I
)


def trust_of(fields: Sequence[str], server: str, sender: str) -> MailTrust:
    """What ``server`` says about ``sender``; ``fields`` in the order of the mail, the topmost first."""
    results = next((found for one in fields if (found := _results(one, server)) is not None), [])
    dmarc = {result for method, result, _more in results if method == "dmarc"}
    if "pass" in dmarc:
        return MailTrust.PASSED
    if "fail" in dmarc:
        return MailTrust.FAILED
    domain = sender.rpartition("@")[2]
    for method, result, more in results:
        if method in ("dkim", "spf") and result == "pass" and _is_aligned(more, domain):
            return MailTrust.PASSED
    has_signature = any(method == "dkim" and result == "pass" for method, result, _more in results)
    if not has_signature and any(method == "spf" and result == "fail" for method, result, _more in results):
        return MailTrust.FAILED
    return MailTrust.UNPROVEN


def _results(field: str, server: str) -> list[tuple[str, str, str]] | None:
    """(method, result, properties) of a field of that server; None for another's."""
    said = field[:4000]
    for _depth in range(3):
        said = _COMMENT.sub(" ", said)
    parts = said.split(";")
    named = parts[0].split()
    if not named or named[0].strip('"').lower() != server.strip().lower():
        return None
    found = [match for part in parts[1:50] if (match := _RESULT.match(part))]
    return [(match[1].lower(), match[2].lower(), match[3]) for match in found]


def _is_aligned(properties: str, domain: str) -> bool:
    """The domain that was proved is the sender's, or one of which the sender's is a part, or the other way round."""
    if not domain:
        return False
    for proved in (match[1].lower().rstrip(".") for match in _DOMAIN.finditer(properties)):
        shorter, longer = sorted((proved, domain), key=len)
        if shorter == longer or ("." in shorter and longer.endswith(f".{shorter}")):
            return True
    return False
