"""However a telephone number is written, it is the same number (demands 21)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onepoint.customers import phone_numbers

WAYS_TO_WRITE_A_LANDLINE = [
    "+86 571 8888 8888",
    "0571-8888 8888",
    "(0571)88888888",
    "057188888888",
    "571 88888888",
    "０５７１－８８８８８８８８",
    "＋86-571-8888-8888",
    "0086 571 88888888",
    "86-571-88888888",
    "+86 (0)571 8888 8888",
    "+86 0571 88888888",
    "0571-88888888-801",
    "0571-88888888转801",
    "0571 88888888 分机 801",
    " 0571\u00a08888\u20098888 ",
    "0571–8888–8888",
]
WAYS_TO_WRITE_A_MOBILE = [
    "13800138000",
    "138 0013 8000",
    "138-0013-8000",
    "+86 138 0013 8000",
    "+8613800138000",
    "008613800138000",
    "8613800138000",
    "013800138000",
    "１３８００１３８０００",
]


@pytest.mark.parametrize("text", WAYS_TO_WRITE_A_LANDLINE)
def test_every_way_to_write_a_landline_gives_the_same_number(text):
    assert phone_numbers.normalise(text) == "+8657188888888"
    assert phone_numbers.search_forms(text) & phone_numbers.stored_forms("0571-88888888")
    assert phone_numbers.search_forms("(0571) 8888 8888") & phone_numbers.stored_forms(text)


@pytest.mark.parametrize("text", WAYS_TO_WRITE_A_MOBILE)
def test_every_way_to_write_a_mobile_gives_the_same_number(text):
    assert phone_numbers.normalise(text) == "+8613800138000"
    assert phone_numbers.search_forms(text) & phone_numbers.stored_forms("138 0013 8000")


def test_a_local_number_finds_the_landline_it_belongs_to():
    assert phone_numbers.search_forms("8888 8888") & phone_numbers.stored_forms("0571-88888888")


def test_another_area_is_another_number():
    assert not phone_numbers.search_forms("010-88888888") & phone_numbers.stored_forms("0571-88888888")


def test_the_area_of_the_region_completes_a_local_number():
    assert phone_numbers.normalise("8888 8888", area_code="0571") == "+8657188888888"
    assert phone_numbers.normalise("10086", area_code="0571") == "10086"


def test_a_foreign_number_is_found_with_and_without_its_country():
    stored = phone_numbers.stored_forms("+1 (650) 253-0000")
    assert phone_numbers.normalise("+1 (650) 253-0000") == "+16502530000"
    assert phone_numbers.search_forms("001 650 253 0000") & stored
    assert phone_numbers.search_forms("650-253-0000") & stored
    assert phone_numbers.search_forms("+1 650 253 0000") & phone_numbers.stored_forms("650-253-0000")


@pytest.mark.parametrize("text", ["", "   ", "abc", "12", "HZ-ADSL-00123", "1" * 400, "+", "0", "\x00", "١٢٣ أب"])
def test_what_is_no_telephone_number_gives_nothing(text):
    assert phone_numbers.normalise(text) == ""
    assert phone_numbers.search_forms(text) == set()


AREAS = ["10", "20", "21", "571", "574", "755", "28", "29", "512"]


@st.composite
def numbers(draw):
    """(country-less national digits, whether it is a mobile)"""
    if draw(st.booleans()):
        start = draw(st.sampled_from(["130", "138", "139", "150", "158", "177", "186", "188", "199"]))
        return start + draw(st.from_regex(r"[0-9]{8}", fullmatch=True)), True
    return draw(st.sampled_from(AREAS)) + draw(st.from_regex(r"[2-8][0-9]{7}", fullmatch=True)), False


@st.composite
def spellings(draw, digits):
    """The digits with a way to begin, blanks and dashes in between, perhaps in full width."""
    text = draw(st.sampled_from(["", "0", "+86", "+86 ", "0086", "86", "+86-0"])) + digits
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(4, len(text) - 1))
        text = text[:place] + draw(st.sampled_from([" ", "-", "\u00a0", "."])) + text[place:]
    if draw(st.booleans()):
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return text


@given(st.data())
def test_two_spellings_of_one_number_always_meet(data):
    digits, _is_mobile = data.draw(numbers())
    first, second = data.draw(spellings(digits)), data.draw(spellings(digits))
    assert phone_numbers.normalise(first) == phone_numbers.normalise(second) == f"+86{digits}"
    assert phone_numbers.search_forms(first) & phone_numbers.stored_forms(second)


@given(st.text(max_size=60))
def test_any_text_is_taken_without_complaint(text):
    number = phone_numbers.normalise(text)
    assert number == phone_numbers.normalise(number)
