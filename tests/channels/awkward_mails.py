"""Awkward e-mails, made by code: one function each, named by what is awkward; each gives the bytes and what must come out."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from email.header import Header
from typing import Any

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\0" * 40


@dataclass
class Awkward:
    """A mail and the facts it must be read as; what is not named is not asked."""

    raw: bytes
    facts: dict[str, Any] = field(default_factory=dict)


CORPUS: dict[str, Callable[[], Awkward]] = {}


def awkward(function: Callable[[], Awkward]) -> Callable[[], Awkward]:
    CORPUS[function.__name__] = function
    return function


HEAD = (
    b"From: Wang <wang@example.com>\r\nTo: service@onepoint.example\r\nMessage-ID: <a1@example.com>\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0800\r\n"
)


def plain(
    body: bytes, *, kind: bytes = b"text/plain; charset=utf-8", more: bytes = b"", subject: bytes = b"Hallo"
) -> bytes:
    return (
        HEAD
        + b"Subject: "
        + subject
        + b"\r\nMIME-Version: 1.0\r\n"
        + more
        + b"Content-Type: "
        + kind
        + b"\r\n\r\n"
        + body
    )


def mixed(*parts: bytes, kind: bytes = b"multipart/mixed") -> bytes:
    body = b"".join(b"--b1\r\n" + part + b"\r\n" for part in parts) + b"--b1--\r\n"
    return plain(body, kind=kind + b'; boundary="b1"')


def part(kind: str, content: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *headers])
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + base64.encodebytes(content)


TEXT = part("text/plain; charset=utf-8", "请看附件".encode())


@awkward
def gb2312_that_is_gb18030() -> Awkward:
    return Awkward(
        plain("镕𠀀㐀网速慢".encode("gb18030"), kind=b"text/plain; charset=gb2312"), {"text": "镕𠀀㐀网速慢"}
    )


@awkward
def utf8_labelled_gb2312() -> Awkward:
    return Awkward(
        plain("宽带无法上网，请尽快处理".encode(), kind=b"text/plain; charset=gb2312"),
        {"text": "宽带无法上网，请尽快处理"},
    )


@awkward
def charset_of_host_names() -> Awkward:
    return Awkward(plain("你好".encode(), kind=b"text/plain; charset=idna"), {"text": "你好"})


@awkward
def charset_that_always_fails() -> Awkward:
    return Awkward(
        plain("网速慢，请处理".encode("gbk"), kind=b"text/plain; charset=undefined"), {"text": "网速慢，请处理"}
    )


@awkward
def gbk_that_is_good_utf8_by_accident() -> Awkward:
    return Awkward(plain("联通".encode("gbk"), kind=b"text/plain; charset=gbk"), {"text": "联通"})


@awkward
def no_charset_at_all_in_gbk() -> Awkward:
    return Awkward(plain("话费异常".encode("gbk"), kind=b"text/plain"), {"text": "话费异常"})


@awkward
def charset_nobody_knows() -> Awkward:
    return Awkward(plain("你好".encode(), kind=b"text/plain; charset=x-klingon"), {"text": "你好"})


@awkward
def charset_that_is_a_codec_but_no_charset() -> Awkward:
    return Awkward(plain(b"guten Tag", kind=b"text/plain; charset=zlib"), {"text": "guten Tag"})


@awkward
def big5_text() -> Awkward:
    return Awkward(plain("網路很慢".encode("big5"), kind=b"text/plain; charset=big5"), {"text": "網路很慢"})


@awkward
def iso_2022_jp_subject() -> Awkward:
    subject = Header("ネット", "iso-2022-jp").encode().encode()
    return Awkward(plain(b"x", subject=subject), {"subject": "ネット"})


@awkward
def subject_cut_inside_a_character() -> Awkward:
    raw = "投诉网速".encode()
    words = b" ".join(b"=?utf-8?B?" + base64.b64encode(raw[i : i + 4]) + b"?=" for i in range(0, len(raw), 4))
    return Awkward(plain(b"x", subject=words), {"subject": "投诉网速"})


@awkward
def subject_in_raw_gbk_bytes() -> Awkward:
    return Awkward(plain(b"x", subject="投诉网速".encode("gbk")), {"subject": "投诉网速"})


@awkward
def subject_in_raw_utf8_bytes() -> Awkward:
    return Awkward(plain(b"x", subject="投诉网速慢".encode()), {"subject": "投诉网速慢"})


@awkward
def subject_with_broken_base64() -> Awkward:
    return Awkward(plain(b"x", subject=b"=?utf-8?B?5oqV6K+J4?="), {"sender": "wang@example.com"})


@awkward
def subject_folded_many_times() -> Awkward:
    return Awkward(plain(b"x", subject=b"a\r\n b\r\n\tc"), {"subject": "a b c"})


@awkward
def header_injection_in_an_encoded_word() -> Awkward:
    word = b"=?utf-8?B?" + base64.b64encode(b"a\r\nBcc: x@example.com") + b"?="
    return Awkward(plain(b"x", subject=word), {"subject": "aBcc: x@example.com"})


@awkward
def file_name_by_rfc_2231_in_pieces() -> Awkward:
    name = "Content-Disposition: attachment; filename*0*=utf-8''%E8%B4%A6; filename*1*=%E5%8D%95.pdf"
    return Awkward(mixed(TEXT, part("application/pdf", b"%PDF-1.4 x", name)), {"files": ["账单.pdf"]})


@awkward
def file_name_by_encoded_word() -> Awkward:
    name = f'Content-Disposition: attachment; filename="{Header("账单明细", "gb2312").encode()}.pdf"'
    return Awkward(mixed(TEXT, part("application/pdf", b"%PDF-1.4 x", name)), {"files": ["账单明细.pdf"]})


@awkward
def file_name_in_raw_gbk() -> Awkward:
    head = b'Content-Disposition: attachment; filename="' + "账单.pdf".encode("gbk") + b'"'
    raw = part("application/pdf", b"%PDF-1.4 x", head.decode("utf-8", "surrogateescape"))
    return Awkward(mixed(TEXT, raw), {"files": ["账单.pdf"]})


@awkward
def file_name_percent_encoded_without_saying_so() -> Awkward:
    name = 'Content-Disposition: attachment; filename="%E8%B4%A6%E5%8D%95.pdf"'
    return Awkward(mixed(TEXT, part("application/pdf", b"%PDF-1.4 x", name)), {"files": ["账单.pdf"]})


@awkward
def file_without_a_name() -> Awkward:
    return Awkward(
        mixed(TEXT, part("image/png", PNG, "Content-Disposition: attachment")),
        {"files": ["image-1.png"], "text": "请看附件"},
    )


@awkward
def text_file_that_is_no_body() -> Awkward:
    file = part("text/plain; charset=gbk", "日志".encode("gbk"), 'Content-Disposition: attachment; filename="log.txt"')
    return Awkward(mixed(TEXT, file), {"files": ["log.txt"], "text": "请看附件"})


@awkward
def html_only_with_an_inline_picture() -> Awkward:
    html = part("text/html; charset=utf-8", '<div>路由器<img src="cid:p1@x"></div><div>红灯</div>'.encode())
    picture = part("image/png", PNG, "Content-ID: <p1@x>", 'Content-Disposition: inline; filename="p.png"')
    return Awkward(mixed(html, picture, kind=b"multipart/related"), {"text": "路由器\n红灯", "files": ["p.png"]})


@awkward
def the_same_in_text_and_html() -> Awkward:
    html = part("text/html; charset=utf-8", b"<p>html</p>")
    return Awkward(mixed(TEXT, html, kind=b"multipart/alternative"), {"text": "请看附件"})


@awkward
def apple_text_between_pictures() -> Awkward:
    second = part("text/plain; charset=utf-8", "第二段".encode())
    picture = part("image/jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 30, 'Content-Disposition: inline; filename="IMG_1.jpeg"')
    return Awkward(mixed(TEXT, picture, second), {"text": "请看附件\n\n第二段", "files": ["IMG_1.jpeg"]})


@awkward
def a_mail_within_the_mail() -> Awkward:
    inner = b"Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: inner\r\n\r\ninner text\r\n"
    return Awkward(mixed(TEXT, inner), {"text": "请看附件", "files": ["message-1.eml"]})


@awkward
def boundary_that_never_closes() -> Awkward:
    raw = plain(b"--b1\r\n" + TEXT + b"\r\n--b1\r\n" + part("image/png", PNG, 'Content-Disposition: attachment; filename="a.png"'),
                kind=b'multipart/mixed; boundary="b1"')  # fmt: skip
    return Awkward(raw, {"text": "请看附件", "files": ["a.png"]})


@awkward
def boundary_that_is_not_there() -> Awkward:
    return Awkward(plain(b"only text\r\n", kind=b'multipart/mixed; boundary="nowhere"'), {"sender": "wang@example.com"})


@awkward
def broken_base64_of_a_file() -> Awkward:
    head = b'Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="a.png"\r\n\r\n'
    return Awkward(mixed(TEXT, head + b"iVBORw0KGgo!!=\r\n"), {"files": ["a.png"]})


@awkward
def unknown_transfer_encoding() -> Awkward:
    return Awkward(plain(b"hallo", more=b"Content-Transfer-Encoding: quantum\r\n"), {"text": "hallo"})


@awkward
def nul_bytes_inside() -> Awkward:
    return Awkward(plain(b"a\x00b\x00c"), {"text": "abc"})


@awkward
def bare_line_feeds() -> Awkward:
    return Awkward(plain(b"eins\nzwei").replace(b"\r\n", b"\n"), {"text": "eins\nzwei"})


@awkward
def bare_carriage_returns() -> Awkward:
    return Awkward(plain(b"eins\rzwei"), {"text": "eins\nzwei"})


@awkward
def mbox_line_before_the_headers() -> Awkward:
    return Awkward(
        b"From wang@example.com Mon Nov 23 10:00:00 2026\r\n" + plain(b"hallo"),
        {"text": "hallo", "sender": "wang@example.com"},
    )


@awkward
def no_headers_at_all() -> Awkward:
    return Awkward(b"just some text\r\n\r\nand more", {"sender": ""})


@awkward
def nothing_at_all() -> Awkward:
    return Awkward(b"", {"sender": "", "text": ""})


@awkward
def sender_with_comma_in_an_encoded_name() -> Awkward:
    raw = plain(b"x").replace(
        b"From: Wang <wang@example.com>", b"From: =?utf-8?B?5byg5LiJLOadjuWbmw==?= <zhang@example.com>"
    )
    return Awkward(raw, {"sender": "zhang@example.com", "sender_name": "张三,李四"})


@awkward
def sender_that_is_no_address() -> Awkward:
    return Awkward(plain(b"x").replace(b"From: Wang <wang@example.com>", b"From: unknown sender"), {"sender": ""})


@awkward
def two_from_fields() -> Awkward:
    return Awkward(b"From: first@example.com\r\n" + plain(b"x"), {"sender": "first@example.com"})


@awkward
def date_nobody_can_read() -> Awkward:
    return Awkward(plain(b"x").replace(b"Date: Mon, 23 Nov 2026 10:00:00 +0800", b"Date: gestern"), {"sent_at": None})


@awkward
def date_beyond_the_calendar() -> Awkward:
    return Awkward(
        plain(b"x").replace(b"23 Nov 2026", b"31 Dec 9999").replace(b"+0800", b"-9900"), {"sender": "wang@example.com"}
    )


@awkward
def message_id_missing() -> Awkward:
    return Awkward(plain(b"x").replace(b"Message-ID: <a1@example.com>\r\n", b""), {"message_id": ""})


@awkward
def references_without_end() -> Awkward:
    refs = b" ".join(b"<r%d@example.com>" % n for n in range(2000))
    return Awkward(plain(b"x", more=b"References: " + refs[:30_000] + b"\r\n"), {"sender": "wang@example.com"})


@awkward
def format_flowed() -> Awkward:
    return Awkward(
        plain(b"eine lange \r\nZeile\r\n", kind=b"text/plain; charset=utf-8; format=flowed"),
        {"text": "eine lange Zeile"},
    )


@awkward
def quoted_printable_with_soft_breaks() -> Awkward:
    raw = plain(b"=E7=BD=91=E9=\r\n=80=9F", more=b"Content-Transfer-Encoding: quoted-printable\r\n")
    return Awkward(raw, {"text": "网速"})


@awkward
def html_with_a_script_in_every_place() -> Awkward:
    html = (
        b"<html><head><title>t</title><script>alert(1)</script><style>body{background:url(http://evil.example/x)}</style></head>"
        b"<body onload=alert(2)><p onclick='alert(3)'>Text</p><a href='javascript:alert(4)'>a</a><a href='\xc2\xa0javascript:alert(5)'>b</a>"
        b"<img src=x onerror=alert(6)><img src='http://evil.example/p.gif'><svg/onload=alert(7)><iframe src='javascript:alert(8)'></iframe>"
        b"<form action='http://evil.example'><input name=q></form><math><mtext><table><mglyph><style><img src=x onerror=alert(9)>"
        b"<object data='x'></object><meta http-equiv=refresh content='0;url=http://evil.example'><base href='http://evil.example/'>"
    )
    return Awkward(plain(html, kind=b"text/html; charset=utf-8"), {"sender": "wang@example.com"})


@awkward
def winmail_dat() -> Awkward:
    file = part("application/ms-tnef", b"\x78\x9f\x3e\x22x", 'Content-Disposition: attachment; filename="winmail.dat"')
    return Awkward(mixed(TEXT, file), {"files": ["winmail.dat"]})


@awkward
def invitation() -> Awkward:
    file = part("text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")
    return Awkward(mixed(TEXT, file, kind=b"multipart/alternative"), {"text": "请看附件", "files": ["text-1.ics"]})


@awkward
def name_with_a_path_and_a_direction_mark() -> Awkward:
    name = 'Content-Disposition: attachment; filename="..\\\\..\\\\etc\\\\\u202egnp.exe"'
    return Awkward(mixed(TEXT, part("application/octet-stream", b"MZ", name)), {"text": "请看附件"})


@awkward
def empty_file() -> Awkward:
    return Awkward(
        mixed(TEXT, part("application/pdf", b"", 'Content-Disposition: attachment; filename="leer.pdf"')),
        {"files": ["leer.pdf"]},
    )
