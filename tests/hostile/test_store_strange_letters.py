"""Letters of all kinds are kept exactly and shown safely; what no database can hold is left out (reliability X15)."""

import time
import unicodedata

import pytest
from django.template import Context, Template

from onepoint.channels.providers.smpp import alphabet
from onepoint.core import attachments, search_keys
from onepoint.core.text import clean

STRANGE = {
    "han beyond the plane": "𠮷野家 𪚥",
    "a family": "👨‍👩‍👧‍👦",
    "combining": "e\u0301 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤",
    "right to left": "שלום مرحبا",
    "homoglyphs": "аdmin (Cyrillic) ａｄｍｉｎ",
    "width": "ｶﾀｶﾅ　全角",
    "mathematics": "𝒜𝓃𝓃𝒶",
    "marks": "<b>&amp;</b> \"'` {{ x }} {% y %} ${z} %s %(x)s \\ ' OR 1=1 --",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_it_is_kept_exactly_and_shown_as_letters(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)  # the same letter in one way, so that it is found
    shown = Template("{{ text }}").render(Context({"text": text}))
    assert "<b>" not in shown
    assert "{{ x }}" not in shown or "{{ x }}" in text


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800b"])
def test_what_no_database_holds_is_left_out(text: str) -> None:
    kept = clean(text)
    assert "\0" not in kept
    kept.encode("utf-8")


PILES = {
    "one order": "e" + "\u0301" * 100_000,
    "the wrong order": "e" + "\u0315" * 50_000 + "\u0300" * 50_000,
    "in turns": "e" + "\u0315\u0300" * 50_000,
    "narrow ones": "か" + "\uff9e\u0300" * 50_000,
    "Tibetan": "\u0f40" + "\u0f73\u0300" * 50_000,
    "each below the limit": ("e" + "\u0315" * 15 + "\u0300" * 15) * 3000,
    "Thai, which has no blanks": "ที่นี่" * 20_000,
}


@pytest.mark.parametrize("text", PILES.values(), ids=PILES)
def test_marks_piled_up_cost_nothing(text: str) -> None:
    """What orders them takes the square of their number."""
    began = time.process_time()
    assert len(clean(text)) > 40_000
    search_keys.fold(text)
    attachments.clean_name(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("given", "hidden"),
    [("账单\u202efdp.exe", "\u202e"), ("a\u200bb.txt", "\u200b"), ("a\u2066b.txt", "\u2066"), ("a\x07.txt", "\x07")],
)
def test_a_name_shows_what_it_is(given: str, hidden: str) -> None:
    assert hidden not in attachments.clean_name(given)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 160, 1),
        ("a" * 161, 2),
    ],
)
def test_short_messages_are_counted_as_the_network_counts(text: str, parts: int) -> None:
    encoded = alphabet.encode(text, uses_gsm=True)
    assert len(encoded.parts) == parts
    for piece in encoded.parts:
        if encoded.coding == 8:
            piece.decode("utf-16-be")  # no character is cut in two
