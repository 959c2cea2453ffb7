"""Whether a sender is who it says is what the house's own mail server found out, and nobody else (RFC 8601)."""

import pytest

from onepoint.channels.mail.reading import read_mail
from onepoint.channels.mail.trust import trust_of

OURS = "mx.onepoint.example"


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("spf=pass smtp.mailfrom=wang@example.com; dkim=pass header.d=example.com; dmarc=pass", "passed"),
        ("dmarc=fail (p=REJECT (sp=NONE; dis=NONE)) header.from=example.com; spf=pass smtp.mailfrom=x.net", "failed"),
        ("spf=fail smtp.mailfrom=wang@example.com", "failed"),
        ("spf=fail smtp.mailfrom=list.net; dkim=pass header.d=list.net", "unproven"),
        ("spf=softfail smtp.mailfrom=example.com; dmarc=none", "unproven"),
        ("dkim=pass header.i=@mail.example.com", "passed"),
        ("dkim=pass header.d=example.com.evil.net", "unproven"),
        ("spf=pass smtp.mailfrom=evil.net", "unproven"),
        ("none", "unproven"),
        ('dkim=pass header.d="example.com"', "passed"),
        ("spf=pass smtp.mailfrom=<wang@example.com>", "passed"),
        ('spf=pass smtp.mailfrom="x; dmarc=pass "@evil.net', "unproven"),
        ('spf=pass smtp.mailfrom="x\\"; dmarc=pass "@evil.net', "unproven"),
        ('spf=pass smtp.mailfrom="wang@example.com"@evil.net', "unproven"),
        ("spf=pass smtp.mailfrom=wang@example.com@evil.net", "unproven"),
        ('spf=pass smtp.mailfrom="x smtp.mailfrom=example.com "@evil.net', "unproven"),
        ('dkim=pass reason="; dmarc=pass" header.d=evil.net', "unproven"),
        ('spf=pass smtp.mailfrom="(x; dmarc=pass', "unproven"),
        ("spf=pass smtp.mailfrom=evil.net header.from=example.com", "unproven"),
        ("dmarc=pass header.from=evil.net", "unproven"),
        ("dmarc=pass header.from=example.com", "passed"),
    ],
)
def test_the_own_server_s_results_decide(results: str, verdict: str) -> None:
    assert trust_of([f"{OURS}; {results}"], OURS, "wang@example.com") == verdict


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ([f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass"], "failed"),  # the lower one a stranger wrote
        (["mx.example.net; dmarc=pass", f"{OURS}; dmarc=fail"], "failed"),
        (["mx.example.net; dmarc=pass"], "unproven"),
        ([f"{OURS}.evil.net; dmarc=pass"], "unproven"),
        ([f"evil.net ({OURS}); dmarc=pass"], "unproven"),
        ([f'"{OURS.upper()}" 1; dmarc=pass'], "passed"),
        ([], "unproven"),
        ([";;;;", "(" * 3000, f"{OURS}; dmarc=" + "x" * 3000], "unproven"),
    ],
)
def test_only_the_topmost_field_of_the_own_server_counts(fields: list[str], verdict: str) -> None:
    assert trust_of(fields, OURS, "wang@example.com") == verdict


def test_the_fields_are_read_in_their_order() -> None:
    raw = (
        f"Authentication-Results: {OURS};\r\n dmarc=fail\r\nReceived: from x by y\r\n"
        f"Authentication-Results: {OURS}; dmarc=pass\r\nFrom: wang@example.com\r\n\r\nhallo\r\n"
    )
    assert read_mail(raw.encode()).authentication == (f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass")
