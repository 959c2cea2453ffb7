"""What a questionnaire asks: its words and questions as data, checked; what an answer means.

A schema is ``{"opening": …, "opening_en": …, "closing": …, "closing_en": …, "questions": [question, …]}``; a question is
``{"key", "label", "label_en", "type", "is_required", "options": [{"value", "label", "label_en", "is_bad"}], "bad_below": n}``.
A scale runs from 1 to 5, and ``bad_below`` of it or less means not satisfied (0: it says nothing about that); an option may
say so by ``is_bad``. The first question with such a meaning is the one a single digit answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.core.errors import InvalidInput
from onepoint.core.text import clean
from onepoint.follow_ups.states import QuestionType

SCALE = (5, 4, 3, 2, 1)
MOST_QUESTIONS, MOST_OPTIONS = 15, 9  # a digit answers an option
LONGEST_LABEL, LONGEST_TEXT = 200, 1000
NOTHING = "nothing"


def _in_language(chinese: str, english: str) -> str:
    return english if english and (get_language() or "").startswith("en") else chinese


@dataclass(frozen=True)
class Option:
    value: str
    name: str
    name_en: str = ""
    is_bad: bool = False

    @property
    def label(self) -> str:
        return _in_language(self.name, self.name_en)


@dataclass(frozen=True)
class Question:
    """One question; ``options`` of a scale are its five values."""

    key: str
    name: str
    name_en: str
    type: str
    is_required: bool = True
    options: Sequence[Option] = field(default_factory=tuple)
    bad_below: int = 0

    @property
    def label(self) -> str:
        return _in_language(self.name, self.name_en)

    @property
    def decides(self) -> bool:
        """Whether an answer can mean that the customer is not satisfied."""
        return any(option.is_bad for option in self.options)

    def answer_label(self, value: Any) -> str:
        """An answer in the language being shown."""
        return next((option.label for option in self.options if option.value == str(value)), str(value))


@dataclass(frozen=True)
class Sheet:
    """A questionnaire to be asked."""

    opening: str
    closing: str
    questions: Sequence[Question]

    @property
    def deciding(self) -> Question | None:
        """The question one digit answers."""
        return next((question for question in self.questions if question.decides), None)


def sheet_of(schema: Mapping[str, Any]) -> Sheet:
    """A stored schema, in the language being shown."""
    return Sheet(
        _in_language(schema.get("opening", ""), schema.get("opening_en", "")),
        _in_language(schema.get("closing", ""), schema.get("closing_en", "")),
        [_question(row) for row in schema.get("questions", [])],
    )


def _question(row: Mapping[str, Any]) -> Question:
    bad_below = int(row.get("bad_below", 0))
    if row["type"] == QuestionType.SCALE:
        options = [Option(str(value), str(value), "", value <= bad_below) for value in SCALE]
    else:
        options = [
            Option(one["value"], one["label"], one.get("label_en", ""), bool(one.get("is_bad")))
            for one in row.get("options", [])
        ]
    return Question(
        row["key"], row["label"], row.get("label_en", ""), row["type"], bool(row.get("is_required")), options, bad_below
    )


def checked_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in its stored form. Raises InvalidInput with a sentence for the first thing that will not do."""
    rows = [_checked(number, row) for number, row in enumerate(schema.get("questions") or [], start=1)]
    if not rows:
        raise InvalidInput({NOTHING: _("A questionnaire has at least one question.")})
    if len(rows) > MOST_QUESTIONS:
        raise InvalidInput({NOTHING: _("A questionnaire has at most %(most)s questions.") % {"most": MOST_QUESTIONS}})
    if not any(_question(row).decides for row in rows):
        raise InvalidInput({NOTHING: _("At least one answer must mean that the customer is not satisfied.")})
    words = {name: clean(str(schema.get(name, "")))[:LONGEST_TEXT] for name in ("opening", "opening_en", "closing", "closing_en")}  # fmt: skip
    return {**words, "questions": rows}


def _checked(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    label, kind = clean(str(row.get("label", "")))[:LONGEST_LABEL], row.get("type")
    if not label or kind not in QuestionType.values:
        raise InvalidInput({f"q{number}": _("Question %(number)s needs words and a type.") % {"number": number}})
    options = [
        {
            "value": str(place), "label": clean(str(one.get("label", "")))[:LONGEST_LABEL],
            "label_en": clean(str(one.get("label_en", "")))[:LONGEST_LABEL], "is_bad": bool(one.get("is_bad")),
        }
        for place, one in enumerate(row.get("options") or [], start=1)
    ]  # fmt: skip
    if kind == QuestionType.CHOICE and not 2 <= len(options) <= MOST_OPTIONS:
        raise InvalidInput(
            {f"q{number}": _("Question %(number)s needs two to %(most)s answers.") % {"number": number, "most": MOST_OPTIONS}}
        )  # fmt: skip
    bad_below = int(row.get("bad_below") or 0)
    return {
        "key": f"q{number}",
        "label": label,
        "label_en": clean(str(row.get("label_en", "")))[:LONGEST_LABEL],
        "type": kind,
        "is_required": bool(row.get("is_required")),
        "options": options if kind == QuestionType.CHOICE else [],
        "bad_below": min(max(bad_below, 0), 4) if kind == QuestionType.SCALE else 0,
    }


@dataclass(frozen=True)
class Answers:
    """Checked answers, and what they mean."""

    values: dict[str, str]
    is_satisfied: bool
    words: str


def checked_answers(sheet: Sheet, given: Mapping[str, str]) -> Answers:
    """What was answered to a questionnaire. Raises InvalidInput naming each question that lacks its answer."""
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    words: list[str] = []
    is_satisfied = True
    for question in sheet.questions:
        value = clean(str(given.get(question.key, "")))[:LONGEST_TEXT]
        if not value:
            if question.is_required:
                errors[question.key] = _("Please answer this question.")
            continue
        if question.type == QuestionType.TEXT:
            words.append(value)
        else:
            option = next((one for one in question.options if one.value == value), None)
            if option is None:
                errors[question.key] = _("Please choose from the list.")
                continue
            is_satisfied = is_satisfied and not option.is_bad
        values[question.key] = value
    if errors:
        raise InvalidInput(errors)
    return Answers(values, is_satisfied, "\n".join(words))


def meaning_of_digit(sheet: Sheet, digit: str) -> Answers | None:
    """What a single digit answers: the deciding question; None where it is none of its answers."""
    question = sheet.deciding
    option = next((one for one in question.options if one.value == digit), None) if question else None
    if question is None or option is None:
        return None
    return Answers({question.key: digit}, not option.is_bad, "")
