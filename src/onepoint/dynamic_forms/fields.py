"""The types a special item may have: how each reads what was entered, and what FEEL and people get to see of it.

A *canonical* value is what is stored: JSON-able, one spelling for one meaning (numbers with decimals and all moments as
text). `canonical` raises ValueError with a sentence for the person who entered it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Field = Mapping[str, Any]

TEXT_LENGTH: Final = 500
LONG_TEXT_LENGTH: Final = 10_000
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
_SERIAL: Final = re.compile(r"[0-9A-Z][0-9A-Z ./_-]*")
_REGION: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")
_TRUE: Final = frozenset({"true", "on", "yes", "1"})
_FALSE: Final = frozenset({"false", "off", "no", "0"})


def _text_of(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        return format(Decimal(str(raw)), "f")
    raise ValueError(_("This is not a text."))


def _limited(text: str, field: Field, most: int) -> str:
    most = min(int(field.get("max_length") or most), most)
    if len(text) > most:
        raise ValueError(_("At most %(count)d characters.") % {"count": most})
    return text


def _text(field: Field, raw: Any) -> str:
    text = " ".join(_text_of(raw).split())
    return _limited(text, field, TEXT_LENGTH)


def _long_text(field: Field, raw: Any) -> str:
    text = _text_of(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    return _limited(text, field, LONG_TEXT_LENGTH)


def _integer(field: Field, raw: Any) -> int:
    text = _text_of(raw).strip().replace(",", "")
    if isinstance(raw, float) and raw.is_integer():
        text = str(int(raw))
    if not _INTEGER.fullmatch(text):
        raise ValueError(_("Please enter a whole number."))
    return int(text)


def _decimal_text(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(raw: Any) -> Decimal:
    text = _text_of(raw).strip().replace(",", "")
    if not _DECIMAL.fullmatch(text):
        raise ValueError(_("Please enter a number."))
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(_("Please enter a number.")) from None


def _decimal(field: Field, raw: Any) -> str:
    return _decimal_text(_number(raw))


def _money(field: Field, raw: Any) -> str:
    number = _number(raw)
    if number != number.quantize(Decimal("0.01")):
        raise ValueError(_("Money has at most two decimals."))
    return format(number.quantize(Decimal("0.01")), "f")


def _date(field: Field, raw: Any) -> str:
    try:
        is_date = isinstance(raw, date) and not isinstance(raw, datetime)
        day: date = raw if is_date else date.fromisoformat(_text_of(raw).strip().replace("/", "-"))
        _refuse_year(day)
    except ValueError:
        raise ValueError(_("Please enter a date like 2026-01-31.")) from None
    return day.isoformat()


def _refuse_year(day: date) -> None:
    """A year of another age is a slip of the finger, and early ones have zone offsets with seconds."""
    if not 1900 < day.year < 2200:
        raise ValueError


def _house_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _datetime(field: Field, raw: Any) -> str:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(_text_of(raw).strip())
        _refuse_year(moment)
        moment = moment.replace(tzinfo=_house_zone()) if moment.tzinfo is None else moment
        return moment.astimezone(_house_zone()).isoformat(timespec="minutes")
    except (ValueError, OverflowError):
        raise ValueError(_("Please enter a date and time like 2026-01-31 14:30.")) from None


def _time(field: Field, raw: Any) -> str:
    try:
        moment = raw if isinstance(raw, time) else time.fromisoformat(_text_of(raw).strip())
        if moment.tzinfo is not None:
            raise ValueError
        return moment.isoformat(timespec="minutes")
    except ValueError:
        raise ValueError(_("Please enter a time like 14:30.")) from None


def _boolean(field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    text = _text_of(raw).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(_("Please choose yes or no."))


def choice_values(field: Field) -> list[str]:
    return [choice["value"] for choice in field.get("choices", [])]


def _choice(field: Field, raw: Any) -> str:
    value = _text_of(raw)
    if value not in choice_values(field):
        raise ValueError(_("Please choose one of the offered values."))
    return value


def _multi_choice(field: Field, raw: Any) -> list[str]:
    chosen = {_choice(field, item) for item in (raw if isinstance(raw, list | tuple) else [raw])}
    return [value for value in choice_values(field) if value in chosen]


def _phone(field: Field, raw: Any) -> str:
    """E.164 where it is a number of the world's plan; short service numbers (10086) as they are."""
    text = _text_of(raw).strip()
    try:
        number = phonenumbers.parse(text, "CN")
        if phonenumbers.is_valid_number(number) and not number.extension:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    digits = re.sub(r"[\s()\-–.]", "", text)
    if re.fullmatch(r"[0-9]{3,12}", digits):
        return digits
    raise ValueError(_("Please enter a telephone number."))


def _email(field: Field, raw: Any) -> str:
    text = _text_of(raw).strip()
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(_("Please enter an e-mail address.")) from None
    return text


def _region(field: Field, raw: Any) -> str:
    text = _text_of(raw).strip()
    if not _REGION.fullmatch(text):
        raise ValueError(_("Please choose one of the offered values."))
    return text


def _serial_number(field: Field, raw: Any) -> str:
    text = " ".join(_text_of(raw).upper().split())
    if not _SERIAL.fullmatch(text):
        raise ValueError(_("A serial number holds letters, digits and . / - _ only."))
    return _limited(text, field, 80)


def _as_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class FieldType:
    """One type. `canonical(field, raw)` reads what was entered; `typed(canonical)` is the value for FEEL and limits."""

    label: str | Promise
    canonical: Callable[[Field, Any], Any]
    typed: Callable[[Any], Any] = _as_is
    has_limits: bool = False  # min and max
    has_length: bool = False  # max_length
    has_pattern: bool = False
    has_choices: bool = False


TYPES: Final[dict[str, FieldType]] = {
    "text": FieldType(gettext_lazy("Text"), _text, has_length=True, has_pattern=True),
    "long_text": FieldType(gettext_lazy("Long text"), _long_text, has_length=True),
    "integer": FieldType(gettext_lazy("Whole number"), _integer, has_limits=True),
    "decimal": FieldType(gettext_lazy("Decimal number"), _decimal, Decimal, has_limits=True),
    "money": FieldType(gettext_lazy("Money (CNY)"), _money, Decimal, has_limits=True),
    "date": FieldType(gettext_lazy("Date"), _date, date.fromisoformat, has_limits=True),
    "datetime": FieldType(gettext_lazy("Date and time"), _datetime, datetime.fromisoformat, has_limits=True),
    "time": FieldType(gettext_lazy("Time"), _time, time.fromisoformat, has_limits=True),
    "boolean": FieldType(gettext_lazy("Yes or no"), _boolean),
    "choice": FieldType(gettext_lazy("Choice"), _choice, has_choices=True),
    "multi_choice": FieldType(gettext_lazy("Several choices"), _multi_choice, has_choices=True),
    "phone": FieldType(gettext_lazy("Telephone"), _phone),
    "email": FieldType(gettext_lazy("E-mail"), _email),
    "region": FieldType(gettext_lazy("Region"), _region),
    "serial_number": FieldType(gettext_lazy("Serial number"), _serial_number, has_length=True, has_pattern=True),
}


def is_empty(raw: Any) -> bool:
    """Nothing entered: none, blank text, an empty list or a list of blanks."""
    if isinstance(raw, list | tuple):
        return all(is_empty(item) for item in raw)
    return raw is None or (isinstance(raw, str) and not raw.strip())


def in_language(holder: Mapping[str, Any], name: str, english: bool) -> str:
    """`label` or `label_en` (and alike) of a field or choice; the Chinese one where there is no English."""
    return str((holder.get(f"{name}_en") if english else "") or holder.get(name) or "")


def shown_datetime(canonical: str) -> str:
    return localtime(datetime.fromisoformat(canonical), _house_zone()).strftime("%Y-%m-%d %H:%M")
