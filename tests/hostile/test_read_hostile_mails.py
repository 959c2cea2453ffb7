"""Mails made to hurt: each is read, or refused as too much, in no time (reliability X8, X9, X10)."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from hostile.hurtful_mails import changed, labelled, packed_up, worded
from onepoint.channels.mail.caps import TooMuch
from onepoint.channels.mail.reading import Mail, identity_of, read_mail


def faults_of(mail: Mail) -> Iterator[str]:
    """What no column takes, and what no outgoing mail may be given in its head."""
    on_one_line = [
        mail.subject,
        mail.sender,
        mail.sender_name,
        mail.reply_to,
        mail.message_id,
        mail.loop_mark,
        *mail.recipients,
    ]
    on_one_line += [word for file in mail.files for word in (file.name, file.content_type, file.content_id)]
    for text in [*on_one_line, mail.text, mail.quoted, mail.html]:
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            yield f"not to be kept: {text[:60]!r}"
    yield from (f"in a head: {text[:60]!r}" for text in on_one_line if "\n" in text or "\r" in text)


@pytest.mark.parametrize(
    "make", [labelled, worded, packed_up, lambda: changed(5000)], ids=["labelled", "worded", "packed up", "changed"]
)
def test_every_mail_is_read_in_no_time_or_is_too_much(make: Any) -> None:
    faults = []
    for raw in make():
        began = time.process_time()
        try:
            assert identity_of(raw)[0]
            faults += [f"{fault} of {raw[:300]!r}" for fault in faults_of(read_mail(raw))]
        except TooMuch:
            continue
        except Exception as problem:  # named with the mail
            faults.append(f"{problem!r} of {raw[:300]!r}")
        if time.process_time() - began > 2:
            faults.append(f"slow: {raw[:300]!r}")
    assert faults == []


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("=?utf-8?b?5bm/5a69?=", "广宽"), ("=?utf-8?b?5bm/5a69=?=", "广宽"), ("=?utf-8?b?5bm/5a69Y?=", "广宽"),
        ("=?utf-8?b?5bm/-5a69?=", "广宽"), ("=?utf-8?b?YQ=YQ?=", "a"), ("=?utf-8?b?A?=", ""),
    ],
)  # fmt: skip
def test_a_word_whose_coding_is_broken_is_read_as_far_as_it_goes(word: str, read: str) -> None:
    assert read_mail(f"From: a@b.cn\r\nSubject: {word}\r\n\r\nhi".encode()).subject == read
