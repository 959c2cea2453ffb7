"""Awkward mails are read as what they mean, within bounds, and what they carry is never lost nor run."""

import os
import re
import time

import pytest

from channels.awkward_mails import CORPUS, HEAD, plain
from onepoint.channels.mail import caps, cleaner, html, quoting
from onepoint.channels.mail.reading import identity_of, read_mail, without_answer_marks


@pytest.mark.parametrize("kind", CORPUS)
def test_an_awkward_mail_is_read_as_it_was_meant(kind: str) -> None:
    given = CORPUS[kind]()
    mail = read_mail(given.raw)
    read = {
        name: [file.name for file in mail.files] if name == "files" else getattr(mail, name) for name in given.facts
    }
    assert read == given.facts
    assert identity_of(given.raw)[0] == mail.fingerprint


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 40


def test_nothing_that_acts_or_calls_home_survives() -> None:
    mail = read_mail(CORPUS["html_with_a_script_in_every_place"]().raw)
    shown = html.cleaned(mail.html, {})
    assert shown is not None
    assert not re.search(
        r"script|onload|onclick|onerror|evil|iframe|<form|<svg|<math|<meta|<base|<object|<style|src=", shown
    )
    assert "Text" in shown


def test_inline_pictures_are_shown_from_our_own_address_and_others_are_not_loaded() -> None:
    shown = html.cleaned('<img src="cid:a@b"><img src="CID:zz"><img src="https://x.example/p.png">', {"a@b": "/p/1"})
    assert shown == '<img src="/p/1"><img><img>'


@pytest.mark.parametrize(
    "text",
    [
        '好的\n\n------------------ 原始邮件 ------------------\n发件人: "客服"\n发送时间: 2026年11月23日\n\n旧',
        "好的\n\n------------------&nbsp;原始邮件&nbsp;------------------\n旧".replace("&nbsp;", "\u00a0"),
        "好的\n\n\n发件人： 客服\n发送时间： 2026-11-23 10:00\n收件人： wang\n主题： 话费\n\n旧",
        '好的\n\n在 2026-11-23 10:00:00，"客服" <service@onepoint.example> 写道：\n\n> 旧\n> 旧',
        "好的\n\n---- 回复的原邮件 ----\n| 发件人 | 客服 |\n| 主题 | 话费 |\n旧",
        '好的\n\nAt 2026-11-23 10:00:00, "客服" <s@onepoint.example> wrote:\n>旧',
        "好的\n\nOn Mon, Nov 23, 2026 at 10:00 AM Service <service@onepoint.example>\nwrote:\n\n> old\n>\n> old",
        "好的\n\nOn 23 Nov 2026, at 10:00, Service <service@onepoint.example> wrote:\n\n> old",
        "好的\n\n客服 <service@onepoint.example> 于2026年11月23日周一 10:00写道：\n\n> 旧",
        "好的\n\n> 2026年11月23日 上午10:00，客服 <service@onepoint.example> 写道：\n>\n> 旧",
        "好的\n\n________________________________\nFrom: Service <s@x.example>\nSent: Monday\nTo: Wang\nSubject: Bill\n\nold",
        "好的\n\n-----Original Message-----\nFrom: Service\nSent: Monday\n\nold",
        "好的\n\n-----邮件原件-----\n发件人: 客服\n发送时间: 周一\n收件人: 王\n\n旧",
        "好的\n\n发自我的iPhone\n\n> 在 2026年11月23日，10:00，客服 <s@x.example> 写道：\n> \n> 旧",
        "好的\n\n-- \n王小明\n13800138000",
        "好的\n\n发自我的华为手机",
        "好的\n\nSent from my iPhone",
        "好的\n\n获取 Outlook for iOS\n________________________________\n发件人: 客服 <s@x.example>\n发送时间: 周一\n收件人: 王\n主题: 话费\n旧",
    ],
)
def test_what_is_quoted_is_cut(text: str) -> None:
    written, quoted = quoting.parted(text)
    assert written == "好的"
    assert quoted


@pytest.mark.parametrize(
    "text",
    [
        "On Mon, Nov 23 Service <s@x.example> wrote:\n> first question\nmy answer\n> second\nanother",
        "请帮我转交。\n\n---------- Forwarded message ---------\nFrom: A <a@x.example>\nDate: x\nSubject: y\nTo: z\n\nimportant",
        "From: 我的办公室，看到的情况如下\n第一\n第二",
        "发件人一栏为什么是空的？",
        "-- 这是一个列表\n-- 另一项",
        "> 只有引用\n> 没有别的",
    ],
)
def test_what_only_looks_like_a_quotation_stays(text: str) -> None:
    assert quoting.parted(text) == (text, "")


def test_answer_marks_and_our_number_are_taken_off_a_subject() -> None:
    assert without_answer_marks("Re: 回复：答复: RE[2]: 话费 [TS20261123000001]") == "话费"


BOMBS = {
    "headers": b"X: y\r\n" * 50_000 + b"\r\n",
    "long header": b"Subject: " + b"x" * 100_000 + b"\r\n\r\n",
    "parts": HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 20_000,
    "depth": HEAD
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(500)),
    "hidden boundary": HEAD
    + b'Content-Type: multipart/mixed; boundary*0="b"; boundary*1="c"\r\n\r\n'
    + b"--bc\r\n\r\n" * 20_000,
    **{
        f"a boundary written as {written.decode()[:12]}": HEAD
        + b"Content-Type: multipart/mixed; " + written + b"\r\n\r\n" + (b"--" + meant + b"\r\n\r\n") * 2000
        for written, meant in (
            (b"boundary=<b>", b"b"), (b'boundary="b\\"c"', b'b"c'), (b"boundary*0000=b", b"b"),
            (b"boundary" + b" " * 30 + b"=b", b"b"), (b'boundary="' + b"b" * 250 + b'"', b"b" * 250),
        )
    },
    "mails in mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 500,
    "mails in mails, folded": HEAD + b"Content-Type:\r\n message/rfc822\r\n\r\n" * 500,
    "mails of a digest": HEAD + b'Content-Type: multipart/digest; boundary="b"\r\n\r\n' + b"--b\r\n\r\nA: b\r\n" * 900,
    "headers of a part": HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' + b"X: y\r\n" * 50_000,
    "blocks of a report": HEAD + b"Content-Type: message/delivery-status\r\n\r\n" + b"A: b\r\n\r\n" * 50_000,
    "parameters": HEAD + b'Content-Type: text/plain; x="' + b";" * 60_000 + b"\r\n\r\n",
    "lines": HEAD + b"\r\n" + b"a\r\n" * 2_000_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_before_it_is_read(kind: str) -> None:
    began = time.process_time()
    with pytest.raises(caps.TooMuch):
        read_mail(BOMBS[kind])
    identity_of(BOMBS[kind])
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "sender", [b"(" * 3900, b"g:" * 3000, b"<" * 3900, b'"\\' * 2000, b"a@b," * 16_000, b"[" * 3900]
)
def test_no_sender_keeps_a_mail_from_being_kept(sender: bytes) -> None:
    raw = b"From: " + sender + b"\r\nSubject: x\r\n\r\nx"
    assert identity_of(raw)[0] == read_mail(raw).fingerprint


_FONTS = "".join(f"<font color={number}>" for number in range(190))


@pytest.mark.parametrize(
    "text",
    [
        "<" * 100_000, "<div>" * 40_000, "<a " + "x=1 " * 40_000 + ">", "<p>" + "&#" * 50_000, "<!--" * 30_000,
        "<table><tr><td>" * 150, "<b>" * 199 + "x", "<div></b>" * 100_000, "<div><!--</div>-->" * 50_000, "&" * 1_000_000,
        "<p>" + _FONTS + "</p>" + "<p>x</p>" * 100_000, "<p>" + _FONTS + "<div>x</div>" * 5_000, "<!x>" * 250_000,
    ],
)  # fmt: skip
def test_html_that_asks_too_much_is_bounded(text: str) -> None:
    """In time, the cleaner's own process included, and in what comes out of it."""
    began = sum(os.times()[:4])
    shown = html.cleaned(text, {})
    html.as_text(text)
    assert sum(os.times()[:4]) - began < 10
    assert shown is None or len(shown) <= cleaner.MOST_SHOWN


def test_long_html_is_cleaned_as_short_html_is() -> None:
    shown = html.cleaned('<p onclick="x()"><b>好的</b> <img src="cid:a"></p>' * 2000, {"a": "/p/1"})
    assert shown == '<p><b>好的</b> <img src="/p/1"></p>' * 2000
    assert html.as_text("<p>好的<br>再见</p>" * 2000).startswith("好的\n再见\n\n好的")


@pytest.mark.parametrize(
    "line",
    ["> a\n", "> a\nb\n", "On x\n", "From:\n", "在\n", "-- \n", "发件人: a\n主题: b\n", "写道：\n", "=?utf-8?B?\n"],
)
def test_no_line_makes_the_cutter_slow(line: str) -> None:
    began = time.process_time()
    quoting.parted(line * 30_000)
    read_mail(plain((line * 3000).encode()))
    assert time.process_time() - began < 30
