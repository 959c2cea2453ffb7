"""The keys by which one customer is found, and the normal forms of what they own."""

from collections.abc import Iterable

from onepoint.core.sealed_fields import fingerprint
from onepoint.core.search_keys import fold, name_keys, squeeze
from onepoint.customers import phone_numbers
from onepoint.customers.states import AccountKind

_TELEPHONES = {AccountKind.MOBILE, AccountKind.LANDLINE}
_KEY_LENGTH = 80
_SHORTEST_ID = 6


def account_key(kind: str, value: str, area_code: str = "") -> str:
    """The normal form two spellings of the same number or account share."""
    if kind in _TELEPHONES:
        return phone_numbers.normalise(value, area_code) or squeeze(value)
    if kind == AccountKind.EMAIL:
        return fold(value).strip()
    return squeeze(value)


def id_key(id_number: str) -> str:
    """What an ID number is found by: the number itself is sealed, and stands among the keys as its fingerprint."""
    return fingerprint(squeeze(id_number))


def account_keys(kind: str, value: str, area_code: str = "") -> set[str]:
    """Search keys of one number or account."""
    keys = {squeeze(value)}
    if kind in _TELEPHONES:
        keys |= phone_numbers.stored_forms(value, area_code)
    elif kind == AccountKind.EMAIL:
        keys.add(squeeze(value.partition("@")[0]))
    elif phone_numbers.normalise(value):
        keys |= phone_numbers.stored_forms(value, area_code)  # a broadband account is often the landline's number
    return _kept(keys)


def customer_keys(number: str, names: Iterable[str], id_number: str) -> set[str]:
    """Search keys of the record itself."""
    return _kept(name_keys(*names) | {squeeze(number), id_key(id_number)})


def person_keys(name: str, phone: str, email: str, area_code: str = "") -> set[str]:
    """Search keys of a contact person."""
    return _kept(name_keys(name) | phone_numbers.stored_forms(phone, area_code) | {squeeze(email)})


def asset_keys(serial_number: str, contract_number: str) -> set[str]:
    """Search keys of a product or machine."""
    return _kept({squeeze(serial_number), squeeze(contract_number)})


def typed_forms(text: str) -> set[str]:
    """What a number, account, serial or ID number typed into the search box may be stored as."""
    typed = squeeze(text)
    could_be_id = len(typed) >= _SHORTEST_ID and any(char.isdigit() for char in typed)
    return _kept({typed, id_key(text) if could_be_id else ""} | phone_numbers.search_forms(text))


def _kept(keys: set[str]) -> set[str]:
    return {key[:_KEY_LENGTH] for key in keys if key}
