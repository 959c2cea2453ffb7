"""Telephone numbers as people type them, brought to one form so that all ways of writing one number meet.

Canonical is E.164 (``+8657188888888``); what is no full number (``10086``, a local ``88888888`` without its area)
stays as bare digits.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumber

from onepoint.core.search_keys import fold

HOME = "CN"
_HOME_CODE = 86
LONGEST = 200  # characters of a number with its extension and whatever signs; anything longer is none
_LETTERS = re.compile(r"[^\W\d_]")
_EXTENSION = re.compile(r"\s*(?:转|轉|分机|分機|ext\.?|extension|#|x)\s*:?\s*\d{1,6}\s*$")
_HYPHEN_EXTENSION = re.compile(r"\s*-\s*\d{1,5}\s*$")
_NOT_DIGIT = re.compile(r"\D+")
_AREA_CODE_IN_BRACKETS = re.compile(r"\(0\)")


def _parse(text: str) -> PhoneNumber | None:
    """The full number ``text`` stands for, or None when it is none (too short, too long, letters)."""
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return number
    # New ranges are handed out before the library knows them: a full-length number is taken as one.
    is_full = phonenumbers.is_possible_number(number) and len(str(number.national_number)) == 11
    return number if is_full else None


def _written_plainly(text: str) -> str:
    """``text`` folded, without an extension; empty when it holds letters and so is no telephone number."""
    plain = _EXTENSION.sub("", fold(text).strip())
    plain = _AREA_CODE_IN_BRACKETS.sub("", plain) if plain.startswith(("+", "00")) else plain
    return "" if _LETTERS.search(plain) else plain


def _recognise(text: str, area_code: str = "") -> tuple[PhoneNumber | None, str]:
    """The full number, or None with the bare digits."""
    if len(text) > LONGEST:
        return None, ""
    plain = _written_plainly(text)
    digits = _NOT_DIGIT.sub("", plain)
    if not 3 <= len(digits) <= 24:
        return None, ""
    number = _parse(plain)
    if number is None and _HYPHEN_EXTENSION.search(plain):
        number = _parse(_HYPHEN_EXTENSION.sub("", plain))
    if number is None and area_code and len(digits) in (7, 8) and digits[0] not in "01":
        number = _parse(f"0{area_code.lstrip('0')}{digits}")
    return number, digits


def normalise(text: str, area_code: str = "") -> str:
    """``text`` in canonical form; ``area_code`` (``"0571"``) completes a local number. Empty when it is no number."""
    number, digits = _recognise(text, area_code)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else digits


def stored_forms(text: str, area_code: str = "") -> set[str]:
    """The forms under which a stored number is to be found: canonical, and what callers leave out in daily life.

    A Chinese landline is also kept as the local number without its area, a foreign number without its country.
    """
    number, digits = _recognise(text, area_code)
    if number is None:
        return {digits} - {""}
    national = phonenumbers.national_significant_number(number)
    forms = {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}
    if number.country_code != _HOME_CODE:
        forms.add(national)
    elif area_length := phonenumbers.length_of_geographical_area_code(number):
        forms.add(national[area_length:])
    return forms


def search_forms(text: str) -> set[str]:
    """The forms to look for when somebody typed ``text``; they meet :func:`stored_forms` of the same number."""
    number, digits = _recognise(text)
    if number is None:
        return {digits} - {""}
    forms = {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}
    if not fold(text).strip().startswith(("+", "00")):
        forms.add(digits)  # it may be a foreign number written without its country, or a short local one
    elif number.country_code != _HOME_CODE:
        forms.add(phonenumbers.national_significant_number(number))  # the record may lack the country
    return forms


def is_mobile(text: str) -> bool:
    """Whether ``text`` is a mobile telephone number (a number that may be either, as in America, counts)."""
    number, _digits = _recognise(text)
    return number is not None and phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
