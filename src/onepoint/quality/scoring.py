"""What a score card asks, as data, checked; and what answers are worth. Plain arithmetic, no database.

Items are ``{"key", "name", "name_en", "hint", "hint_en", "type", "weight", "may_be_left", "codes": [code, …]}``. A scale runs
from 0 to 5, yes is worth the whole weight and no nothing. The card's score is
``100 · Σ weightᵢ · valueᵢ/topᵢ / Σ weightᵢ`` over the items that were answered; an item left as "not applicable" is in neither
sum. A fatal item weighs nothing: found, the score is 0. Scores have two decimals, halves rounded up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.core.errors import InvalidInput
from onepoint.core.text import clean
from onepoint.quality.inspection_states import ItemType

TOP = {ItemType.SCALE: 5, ItemType.YES_NO: 1, ItemType.FATAL: 1}
LEFT = "na"  # the answer "not applicable"
MOST_ITEMS = 40
LONGEST_NAME, LONGEST_NOTE, LONGEST_WORDS = 200, 500, 4000
NOTHING = "nothing"
FULL = Decimal(100)


def _in_language(chinese: str, english: str) -> str:
    return english if english and (get_language() or "").startswith("en") else chinese


@dataclass(frozen=True)
class Item:
    """One item of a card, in the language being shown."""

    key: str
    name: str
    name_en: str
    type: str
    weight: int = 0
    may_be_left: bool = False
    codes: tuple[str, ...] = ()
    hint: str = ""
    hint_en: str = ""

    @property
    def label(self) -> str:
        return _in_language(self.name, self.name_en)

    @property
    def hint_label(self) -> str:
        return _in_language(self.hint, self.hint_en)

    @property
    def is_fatal(self) -> bool:
        return self.type == ItemType.FATAL

    @property
    def top(self) -> int:
        """The best value; of a fatal item: found."""
        return TOP[ItemType(self.type)]

    @property
    def values(self) -> list[str]:
        """Every answer it takes."""
        return [*(str(value) for value in range(self.top + 1)), *([LEFT] if self.may_be_left else [])]

    def answer_label(self, value: str | None) -> str:
        """An answer in words."""
        if value is None or value == "":
            return ""
        if value == LEFT:
            return _("not applicable")
        if self.is_fatal:
            return _("found") if value == "1" else _("not found")
        if self.type == ItemType.YES_NO:
            return _("yes") if value == "1" else _("no")
        return f"{value} / {self.top}"


def items_of(rows: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Stored items."""
    return [
        Item(
            row["key"], row["name"], row.get("name_en", ""), row["type"], int(row.get("weight", 0)),
            bool(row.get("may_be_left")), tuple(row.get("codes", ())), row.get("hint", ""), row.get("hint_en", ""),
        )
        for row in rows
    ]  # fmt: skip


def weight_sum(items: Sequence[Item]) -> int:
    """All weights together; they need not be 100, as the score is a share of them."""
    return sum(item.weight for item in items if not item.is_fatal)


def checked_items(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Items in their stored form. Keys stay as they are; new items get one of their own. Raises InvalidInput."""
    if len(rows) > MOST_ITEMS:
        raise InvalidInput({NOTHING: _("A score card has at most %(most)s items.") % {"most": MOST_ITEMS}})
    taken = {str(row["key"]) for row in rows if row.get("key")}
    free = (f"i{number}" for number in range(1, 10 * MOST_ITEMS) if f"i{number}" not in taken)
    checked = []
    for place, row in enumerate(rows, start=1):
        checked.append(_checked(place, row, str(row.get("key") or "") or next(free)))
    if len({row["key"] for row in checked}) != len(checked):
        raise InvalidInput({NOTHING: _("Two items have the same key.")})
    if not any(row["weight"] for row in checked):
        raise InvalidInput({NOTHING: _("At least one item must have a weight.")})
    return checked


def _checked(place: int, row: Mapping[str, Any], key: str) -> dict[str, Any]:
    name, kind = clean(str(row.get("name", "")))[:LONGEST_NAME], row.get("type")
    where = f"i{place}"
    if not name or kind not in ItemType.values:
        raise InvalidInput({where: _("Item %(number)s needs words and a type.") % {"number": place}})
    weight = 0 if kind == ItemType.FATAL else int(row.get("weight") or 0)
    if kind != ItemType.FATAL and not 1 <= weight <= 100:
        raise InvalidInput({where: _("Item %(number)s needs a weight from 1 to 100.") % {"number": place}})
    return {
        "key": key,
        "name": name,
        "name_en": clean(str(row.get("name_en", "")))[:LONGEST_NAME],
        "hint": clean(str(row.get("hint", "")))[:LONGEST_NOTE],
        "hint_en": clean(str(row.get("hint_en", "")))[:LONGEST_NOTE],
        "type": kind,
        "weight": weight,
        "may_be_left": bool(row.get("may_be_left")) and kind != ItemType.FATAL,
        "codes": [code for one in row.get("codes") or () if (code := clean(str(one))[:40])][:10],
    }


@dataclass(frozen=True)
class Scores:
    """Checked answers and what they are worth."""

    answers: dict[str, str]
    score: Decimal
    is_fatal: bool
    codes: frozenset[str]  # the standard's, of fatal items found


def checked_scores(items: Sequence[Item], given: Mapping[str, str]) -> Scores:
    """What was scored. Raises InvalidInput naming each item without an answer."""
    answers: dict[str, str] = {}
    errors: dict[str, str] = {}
    for item in items:
        value = str(given.get(item.key, "") or ("0" if item.is_fatal else ""))
        if not value:
            errors[item.key] = _("Please score this item.")
        elif value not in item.values:
            errors[item.key] = _("Please choose from the list.")
        else:
            answers[item.key] = value
    if errors:
        raise InvalidInput(errors)
    if all(answers[item.key] == LEFT for item in items if not item.is_fatal):
        raise InvalidInput({NOTHING: _("Please score at least one item.")})
    found = [item for item in items if item.is_fatal and answers[item.key] == "1"]
    codes = frozenset(code for item in found for code in item.codes)
    return Scores(answers, Decimal("0.00") if found else score_of(items, answers), bool(found), codes)


def score_of(items: Sequence[Item], answers: Mapping[str, str]) -> Decimal:
    """The weighted score from 0 to 100, whatever fatal items say."""
    counted = [item for item in items if not item.is_fatal and answers.get(item.key, LEFT) != LEFT]
    whole = weight_sum(counted)
    if not whole:
        return Decimal("0.00")
    got = sum(Fraction(item.weight * int(answers[item.key]), item.top) for item in counted)
    return rounded(Fraction(100) * got / whole)


def rounded(value: Fraction) -> Decimal:
    """Two decimals, halves up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


GRADES = ((Decimal(90), "A"), (Decimal(80), "B"), (Decimal(60), "C"))


def grade_of(score: Decimal, is_fatal: bool) -> str:
    """The band of a score, by which agreement on whole cards is measured: A from 90, B from 80, C from 60, D below, F fatal."""
    if is_fatal:
        return "F"
    return next((grade for least, grade in GRADES if score >= least), "D")
