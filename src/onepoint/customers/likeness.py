"""When two records look like one customer: forms of names that sound alike, and what each likeness weighs."""

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher

from pypinyin import lazy_pinyin

from onepoint.core.search_keys import fold, squeeze
from onepoint.customers.states import CustomerKind, Likeness

#: Points per reason; different ID numbers speak against. A pair is worth a look from ``WORTH_A_LOOK`` on.
POINTS: Mapping[str, int] = {
    Likeness.ID_NUMBER: 90,
    Likeness.PHONE: 60,
    Likeness.SERIAL: 55,
    Likeness.NAME: 25,
    Likeness.ADDRESS: 30,
}
COMPANY_NAME_POINTS = 55
DIFFERENT_IDS_POINTS = -40
WORTH_A_LOOK = 50
#: A number held by more records than this (a switchboard, 10086) says nothing about who somebody is.
SHARED_BY_TOO_MANY = 20
NAMES_COMPARED = 50
SIMILAR_ADDRESS = 0.75
SHORTEST_PHONE_KEY = 7
_FORM_LENGTH = 120

_LEGAL_FORM = re.compile(
    r"(股份)?(有限)?(责任)?(总|分|子)?公司|集团|工厂|厂$|"
    r"\b(company|corporation|corp|incorporated|inc|limited|ltd|co|llc|gmbh)\b\.?"
)
_BRACKETS = re.compile(r"[(（][^)）]{0,200}[)）]")


def core_of_name(name: str, kind: str, places: Iterable[str] = ()) -> str:
    """What tells one name from others: of a company without legal form and the places it stands in.

    Empty for a name without letters.
    """
    plain = fold(name)
    if kind != CustomerKind.COMPANY:
        return squeeze(plain)
    short = _BRACKETS.sub("", plain)
    for place in map(fold, places):
        town = place.rstrip("省市区县")
        short = short.replace(place, "").replace(town if len(town) >= 2 else place, "")
    core = squeeze(_LEGAL_FORM.sub("", short))
    return core if len(core) >= 2 else squeeze(plain)


def name_form(name: str, kind: str, places: Iterable[str] = ()) -> str:
    """The form two names share that are written alike or only sound alike: ``光谷`` and ``光古`` → ``guanggu``."""
    return "".join(lazy_pinyin(core_of_name(name, kind, places)))[:_FORM_LENGTH]


def is_similar_address(one: str, other: str) -> bool:
    """Whether two addresses name the same place, told from their letters and digits; numbers must not differ."""
    first, second = squeeze(one), squeeze(other)
    if min(len(first), len(second)) < 6 or re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= SIMILAR_ADDRESS


def likelihood(reasons: Collection[str], *, kind: str, ids_differ: bool) -> int:
    """Points from 0 to 99 for the reasons found."""
    points = sum(POINTS[reason] for reason in reasons)
    if Likeness.NAME in reasons and kind == CustomerKind.COMPANY:
        points += COMPANY_NAME_POINTS - POINTS[Likeness.NAME]
    if ids_differ:
        points += DIFFERENT_IDS_POINTS
    return max(0, min(points, 99))
