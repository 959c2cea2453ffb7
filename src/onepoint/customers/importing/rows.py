"""One row of a file as what it says about a customer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region
from onepoint.core.errors import BusinessError
from onepoint.core.search_keys import squeeze
from onepoint.customers.importing.fields import BY_KEY
from onepoint.customers.importing.workbook import ROUNDED
from onepoint.customers.models import CustomerLevel
from onepoint.customers.phone_numbers import is_mobile
from onepoint.customers.services.records import NewAccount, NewAsset
from onepoint.customers.states import AccountKind, CustomerKind, PreferredChannel

DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M", "%d/%m/%Y")
_SEVERAL = re.compile(r"[,，;；、/]+")
_YES = {"1", "y", "yes", "true", "是", "同意", "可"}
_NO = {"0", "n", "no", "false", "否", "不同意", "不可"}
_COMPANY_WORDS = ("公司", "集团", "厂", "company", "corp", "ltd", "inc")


class RowRefused(BusinessError):
    """What is wrong with one row; the import goes on with the next."""

    code = "row_refused"
    message = "%(problem)s"


def refuse(sentence: Any, **details: Any) -> RowRefused:
    return RowRefused(problem=sentence % details if details else sentence)


@dataclass
class RowContent:
    """What a row says; only what it gives a value for."""

    number: str = ""
    external_number: str = ""
    values: dict[str, Any] = field(default_factory=dict)  # of the record
    accounts: list[NewAccount] = field(default_factory=list)
    asset: NewAsset | None = None
    person: dict[str, str] = field(default_factory=dict)


class Names:
    """Levels, regions and units as files write them: by code or by a name only one of them has; read once."""

    def __init__(self) -> None:
        self._levels = _index(CustomerLevel.objects.filter(is_active=True))
        self._regions = _index(Region.objects.active(), "省市区县")
        self._units = _index(OrgUnit.objects.active())

    def level(self, text: str) -> CustomerLevel:
        return _only(self._levels, text, _("Level"))

    def region(self, text: str) -> Region:
        return _only(self._regions, text, _("Region"))

    def unit(self, text: str) -> OrgUnit:
        return _only(self._units, text, _("Owner unit"))


def _index(rows: Any, endings: str = "") -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        names = {squeeze(row.code), squeeze(row.name), squeeze(row.name_en)}
        names |= {squeeze(row.name).rstrip(endings)} if endings else set()
        for name in names - {""}:
            found.setdefault(name, []).append(row)
        found[squeeze(row.code)] = [row]  # a code is nobody else's name
    return found


def _only(index: dict[str, list[Any]], text: str, what: Any) -> Any:
    rows = index.get(squeeze(text), [])
    if not rows and "/" in text:
        return _only(index, text.rpartition("/")[2], what)
    if not rows:
        raise refuse(_("%(what)s “%(text)s” is not known."), what=what, text=text[:40])
    if len(rows) > 1:
        raise refuse(_("There are several called “%(text)s” (%(what)s); write the code."), what=what, text=text[:40])
    return rows[0]


def _choice(text: str, choices: Any, what: Any, more: Mapping[str, str] | None = None) -> str:
    wanted = squeeze(text)
    for value, label in choices:
        if wanted in (squeeze(str(value)), squeeze(str(label))):
            return str(value)
    if more and wanted in more:
        return more[wanted]
    raise refuse(_("%(what)s “%(text)s” is not known."), what=what, text=text[:40])


def _day(text: str, what: Any) -> date:
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    raise refuse(_("%(what)s “%(text)s” is not a date such as 2026-01-31."), what=what, text=text[:40])


def _yes_or_no(text: str, what: Any) -> bool:
    if squeeze(text) in _YES:
        return True
    if squeeze(text) in _NO:
        return False
    raise refuse(_("%(what)s “%(text)s” is neither yes nor no."), what=what, text=text[:40])


def kind_of_name(name: str) -> str:
    """Whether a name is a company's, where the file does not say."""
    folded = name.casefold()
    return CustomerKind.COMPANY if any(word in folded for word in _COMPANY_WORDS) else CustomerKind.PERSON


_KINDS = {squeeze(word): CustomerKind.PERSON.value for word in ("个人", "个人客户", "公众", "person", "individual", "家庭")} | {
    squeeze(word): CustomerKind.COMPANY.value for word in ("公司", "企业", "政企", "单位", "集团", "company", "business", "enterprise")
}  # fmt: skip
_LANGUAGES = {
    "中文": "zh-hans",
    "汉语": "zh-hans",
    "zh": "zh-hans",
    "chinese": "zh-hans",
    "english": "en",
    "英文": "en",
    "英语": "en",
}


def who_is_in(cells: Mapping[str, str], columns: Mapping[str, str]) -> str:
    """How the report names a row nobody could read any further."""
    parts = (cells.get(columns.get(key, ""), "") for key in ("number", "external_number", "name"))
    return " ".join(part for part in parts if part)


def read_row(
    cells: Mapping[str, str], columns: Mapping[str, str], names: Names, defaults: Mapping[str, str]
) -> RowContent:
    """What the row says by the mapping. Raises RowRefused with the first thing nobody can understand."""
    given = {key: cells.get(head, "").strip() for key, head in columns.items()}
    given = {key: text for key, text in given.items() if text}
    for key, text in given.items():
        if text.startswith(ROUNDED):
            raise refuse(
                _("%(what)s was rounded by the spreadsheet; store that column as text."), what=BY_KEY[key].label
            )
    given = {**{key: text for key, text in defaults.items() if text and key not in given}, **given}
    content = RowContent(number=given.get("number", ""), external_number=given.get("external_number", "")[:80])
    content.values = _record(given, names)
    content.accounts = _accounts(given)
    content.asset = _asset(given)
    content.person = {
        name: given[key]
        for name, key in (
            ("name", "person_name"), ("relation", "person_relation"), ("phone", "person_phone"), ("email", "person_email"),
        )
        if key in given
    }  # fmt: skip
    if content.person and "name" not in content.person:
        raise refuse(_("The contact person has no name."))
    return content


def _record(given: Mapping[str, str], names: Names) -> dict[str, Any]:
    values: dict[str, Any] = {
        key: given[key] for key in ("name", "name_en", "id_number", "address", "note") if key in given
    }
    if "kind" in given:
        values["kind"] = _choice(given["kind"], CustomerKind.choices, _("Kind"), _KINDS)
    if "level" in given:
        values["level"] = names.level(given["level"])
    if "region" in given:
        values["region"] = names.region(given["region"])
    if "unit" in given:
        values["unit"] = names.unit(given["unit"])
    if "preferred_channel" in given:
        values["preferred_channel"] = _choice(
            given["preferred_channel"], PreferredChannel.choices, _("Preferred way to reply")
        )
    if "language" in given:
        values["language"] = _choice(given["language"], settings.LANGUAGES, _("Language"), _LANGUAGES)
    if "consent_to_contact" in given:
        values["consent_to_contact"] = _yes_or_no(given["consent_to_contact"], _("Agrees to be contacted"))
    return values


def _accounts(given: Mapping[str, str]) -> list[NewAccount]:
    """The numbers of a row; a cell may hold several telephone numbers."""
    accounts = []
    for key, kind in (("mobile", AccountKind.MOBILE), ("landline", AccountKind.LANDLINE)):
        for value in filter(None, map(str.strip, _SEVERAL.split(given.get(key, "")))):
            accounts.append(NewAccount(value, AccountKind.MOBILE if is_mobile(value) else AccountKind.LANDLINE
                                       if kind == AccountKind.LANDLINE or value.startswith("0") else kind))  # fmt: skip
    for key in ("broadband", "account", "email"):
        if key in given:
            accounts.append(NewAccount(given[key], AccountKind(key)))
    return accounts


def _asset(given: Mapping[str, str]) -> NewAsset | None:
    if not any(key.startswith("asset_") for key in given):
        return None
    product = given.get("asset_product") or given.get("asset_model", "")
    if not product:
        raise refuse(_("The machine of this row has no product name."))
    return NewAsset(
        product=product,
        model=given.get("asset_model", ""),
        serial_number=given.get("asset_serial", ""),
        installed_on=_day(given["asset_installed"], _("Installed on")) if "asset_installed" in given else None,
        warranty_until=_day(given["asset_warranty"], _("Warranty until")) if "asset_warranty" in given else None,
        contract_number=given.get("asset_contract", ""),
    )
