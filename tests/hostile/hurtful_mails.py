"""Mails made to hurt, made by code: wrong labels, broken words, noise packed up, and awkward mails torn and mixed."""

import random
import struct
from collections.abc import Iterator

from channels.awkward_mails import CORPUS

DICE = random.Random(20261124)
HEAD = (
    b"From: Wang <wang@example.com>\r\nTo: service@onepoint.example\r\nMessage-ID: <a1@example.com>\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0800\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
)
KINDS = (
    "text/plain", "text/html", "text/calendar", "application/octet-stream", "application/ms-tnef", "application/pkcs7-mime",
    "message/rfc822", "message/partial; id=a; number=1; total=9999", "message/delivery-status", "message/disposition-notification",
    'message/external-body; access-type=URL; URL="http://127.0.0.1/"', "multipart/mixed; boundary=b", "multipart/alternative; boundary=b",
    "multipart/report; report-type=delivery-status; boundary=b", "multipart/signed; boundary=b", "multipart/digest; boundary=b",
    "image/svg+xml", "/", "text/", "; charset=a", "te\0xt/plain", "multipart/mixed",
)  # fmt: skip
SETS = (
    "", "gb2312", "gb18030", "big5", "hz-gb-2312", "utf-7", "unicode-1-1-utf-7", "utf-16", "utf-32", "idna", "punycode", "rot13", "hex", "zlib",
    "bz2", "base64", "uu", "unicode_escape", "undefined", "mbcs", "nobody", '"', "''", "x" * 3000, "utf-8\0", "iso-2022-cn", "王",
)  # fmt: skip
CODINGS = (
    "",
    "8bit",
    "base64",
    "quoted-printable",
    "x-uuencode",
    "nobody",
    "base64 ",
    "=?utf-8?q?base64?=",
    "base64, gzip",
)
BODIES = (
    "宽带无法上网".encode(), "镕𠀀㐀网速慢".encode("gb18030"), b"\xff\xfe\0a" * 50, b"=XX=\r\n==0=\xe4", b"!!!!" * 30 + b"A", b"begin 644 a\nM" + b"\xff" * 60 + b"\n",
    b"--b\r\n\r\na\r\n--b--", b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", b"\0" * 300, b"\r" * 300, b"", b"x\x9c" + b"\xff" * 100, b"+ADw-script+AD4-",
)  # fmt: skip
FIELDS = (
    "From To Cc Subject Reply-To Sender Return-Path Message-ID In-Reply-To References Date Auto-Submitted Authentication-Results"
    " Content-Type Content-Disposition Content-ID Content-Transfer-Encoding X-Failed-Recipients"
).split()
WORDS = (
    "=?hex?q?=41?=", "=?zlib?b?eJw=?=", "=?undefined?b?YQ==?=", "=?punycode?q?" + "a-" * 2000 + "?=", "=?utf-8?b?YQ=a?=", "=?utf-8?b?!a!a!a!a!?=", "=?utf-8?b?YWFhYWF?=",
    "=?utf-8?b?YWJjZ=?=", "=?utf-8?x?a?=", "=?" * 500, "=?utf-8?q?=?utf-8?q?a?=?=", "=?utf-8?q?=0D=0ABcc:_x@y.cn?=", "=?utf-8?q?=00?=", "=?utf-16?b?2AA=?=", "=?utf-8?q?=ED=A0=80?=",
    "\0", "a\rBcc: x@y", "\u202e", "a" * 9000, "(" * 3000, "<" * 3000, ",".join(["a@b.cn"] * 2000), '"\\' * 2000, "@", "<>", "a@" + "b." * 3000,
    "undisclosed-recipients:;", "a:b:c@d;", "<a@b> " * 10_000, "9" * 5000, "1 Jan 0001 00:00:00 +0000", "31 Dec 9999 23:59:59 -2359", "23 Nov 2026 10:00:00 +99999999999",
    "30 Feb 2026 10:00:00 (((((", "23 Nov ²026 ١0:00:00", "a/b; name*=hex''%41", "a; filename*0*=utf-8''%E7; filename*2*=a", "a; filename*999999999=a", "a; filename*=punycode''" + "%41" * 3000,
    "a; " + "".join(f"filename*{number}*=%41; " for number in range(2000)), "a; filename*=utf-8''%00%0d%0aX:y", 'a; filename="a\r\n b"', "a; filename*²=a", "multipart/mixed; boundary*=idna''x", "multipart/mixed; boundary*=punycode''" + "a" * 9000 + "-" + "ba" * 9000,
)  # fmt: skip


def labelled() -> Iterator[bytes]:
    """Every kind in every set by every coding comes once in a while; every set and coding comes with every body."""
    for number in range(len(KINDS) * len(SETS) * len(CODINGS)):
        kind, charset, coding = KINDS[number % len(KINDS)], SETS[number % len(SETS)], DICE.choice(CODINGS)
        named = f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
        yield HEAD + named.encode() + DICE.choice(BODIES)


def worded() -> Iterator[bytes]:
    for name in FIELDS:
        for word in WORDS:
            sender = b"" if name == "From" else b"From: a@b.cn\r\n"
            yield sender + f"{name}: {word}\r\n\r\nhi".encode("utf-8", "replace")
            yield (
                HEAD
                + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                + f"{name}: {word}\r\n\r\na\r\n--b--".encode("utf-8", "replace")
            )


def packed_up() -> Iterator[bytes]:
    """Envelopes of Outlook and coded files of noise; mails in mails; reports of nothing."""
    tags = (0x69007, 0x60800, 0x68005, 0x6800F, 0x69003, 0x69005, 0x69002)
    for number in range(200):
        noise = b"\x78\x9f\x3e\x22" + struct.pack("<H", number)
        for _block in range(DICE.randint(1, 30)):
            noise += struct.pack(
                "<BII", DICE.choice((1, 2)), DICE.choice(tags), DICE.choice((0, 4, 10, 2**31, 2**32 - 1))
            )
            noise += DICE.randbytes(DICE.randint(0, 40))
        yield HEAD + b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n" + noise
        name = DICE.choice((b"a.txt", b"\0", b"../x", b"a" * 3000))
        yield HEAD + b"\r\nbegin 644 " + name + b"\n" + DICE.randbytes(DICE.randint(0, 300)) + b"\nend\n"
    for depth in (5, 30, 300):
        yield HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"a"
    for facts in (
        b"",
        b"Status: " + b"5." * 20_000,
        b"\r\n\r\n" * 300,
        b"Action: \0failed",
        b"Original-Envelope-Id: =?hex?q?a?=",
    ):
        yield (
            b"From: MAILER-DAEMON@b.cn\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
            b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + facts + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <\0>\r\n\r\n--b--"
        )  # fmt: skip


_TORN = (
    b"\r\n\r\n", b"--b1\r\n", b"=?gb2312?b?", b"; charset=hex", b"Content-Type: multipart/mixed; boundary=b1\r\n", b"\0", b"\r", b"%", b"*0*=", b"''", b"<", b"--b1--",
    b"Content-Transfer-Encoding: x-uuencode\r\n", b"\xef\xbb\xbf", b"\xff",
)  # fmt: skip


def changed(count: int) -> Iterator[bytes]:
    """Awkward mails with bytes changed, cut out, put in, and taken from each other."""
    whole = [raw for make in CORPUS.values() if len(raw := make().raw) < 200_000]
    for _number in range(count):
        made = bytearray(DICE.choice(whole))
        for _change in range(DICE.randint(1, 8)):
            place, other = DICE.randrange(len(made) + 1), DICE.choice(whole)
            start = DICE.randrange(len(other) + 1)
            match DICE.randrange(4):
                case 0:
                    made[place : place + 1] = DICE.randbytes(1)
                case 1:
                    made[place : place + DICE.randint(1, 60)] = b""
                case 2:
                    made[place:place] = DICE.choice(_TORN)
                case _:
                    made[place:place] = other[start : start + DICE.randint(1, 800)]
        yield bytes(made)
