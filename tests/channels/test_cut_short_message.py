"""Counting and cutting, without any peer."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from onepoint.channels.providers.smpp import alphabet
from onepoint.channels.providers.smpp.alphabet import GSM, GSM_CODING, UCS2_CODING, TooLong, encode

#: Text, coding, number of parts: 3GPP TS 23.040 counts 160/153 septets and 70/67 UCS-2 characters.
COUNTED = [
    ("a" * 160, GSM_CODING, 1), ("a" * 161, GSM_CODING, 2), ("a" * 306, GSM_CODING, 2), ("a" * 307, GSM_CODING, 3),
    ("€" * 80, GSM_CODING, 1), ("€" * 81, GSM_CODING, 2), ("€" * 152, GSM_CODING, 2), ("€" * 153, GSM_CODING, 3),
    ("中" * 70, UCS2_CODING, 1), ("中" * 71, UCS2_CODING, 2), ("中" * 134, UCS2_CODING, 2), ("中" * 135, UCS2_CODING, 3),
    ("😀" * 35, UCS2_CODING, 1), ("😀" * 36, UCS2_CODING, 2), ("😀" * 66, UCS2_CODING, 2), ("😀" * 67, UCS2_CODING, 3),
    ("中" * 66 + "😀" + "中" * 10, UCS2_CODING, 2), ("𠮷野家" + "中" * 67, UCS2_CODING, 2), ("", GSM_CODING, 1),
    ("\u202e\u200bа", UCS2_CODING, 1), ("`", UCS2_CODING, 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "coding", "parts"), COUNTED)
def test_parts_are_counted_as_telephones_count_them(text, coding, parts):
    encoded = encode(text)
    assert (encoded.coding, len(encoded.parts)) == (coding, parts)


def test_the_alphabet_stands_as_in_the_standard():
    assert len(GSM) == 127 + 10
    assert (GSM["@"], GSM["Δ"], GSM["\n"], GSM["¡"], GSM["ü"], GSM["€"]) == (
        b"\x00", b"\x10", b"\x0a", b"\x40", b"\x7e", b"\x1b\x65"
    )  # fmt: skip


def test_an_emoji_at_the_border_moves_to_the_next_part():
    first, second = encode("中" * 66 + "😀" + "中" * 10).parts
    assert first.decode("utf-16-be") == "中" * 66
    assert second.decode("utf-16-be").startswith("😀")


@given(some.text(min_size=1, max_size=700))
def test_nothing_is_lost_or_torn(text):
    text = text.encode("utf-16-be", "replace").decode("utf-16-be", "replace")
    encoded = encode(text, uses_gsm=False)
    assert "".join(part.decode("utf-16-be") for part in encoded.parts) == text
    limit = 140 if len(encoded.parts) == 1 else 134
    assert all(len(part) <= limit for part in encoded.parts)


def test_what_needs_more_than_255_parts_is_refused():
    with pytest.raises(TooLong):
        encode("中" * (67 * 255 + 1))
    assert len(encode("中" * 67 * 255).parts) == alphabet.MOST_PARTS
