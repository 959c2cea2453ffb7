"""Forms of return visits."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core.masking import shown_words
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.customers.models import CustomerLevel
from onepoint.follow_ups.models import FollowUp, Questionnaire, VisitRule, VisitRuleVersion
from onepoint.follow_ups.queries import VisitFilter
from onepoint.follow_ups.questions import MOST_QUESTIONS, Sheet
from onepoint.follow_ups.services import RuleItems, Said
from onepoint.follow_ups.states import (
    DIALLED,
    FAILED,
    RULED_ENDINGS,
    RULED_WAYS,
    AfterFailure,
    AttemptOutcome,
    Ending,
    QuestionType,
    VisitWay,
)
from onepoint.tickets.models import Category, Severity
from onepoint.tickets.states import ReplyChannel, TicketKind


class VisitFilterForm(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(label=_("Number"), required=False, widget=SearchInput, max_length=24)
    way = forms.ChoiceField(label=_("By"), required=False, choices=[("", _("All")), *VisitWay.choices])

    def chosen(self, which: str) -> VisitFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        found = self.cleaned_data
        return VisitFilter(which, way=found.get("way") or "", number=(found.get("q") or "").strip())


class AttemptForm(forms.Form):
    """What came of dialling, where nobody answered the questions."""

    outcome = forms.ChoiceField(label=_("What came of it"), choices=[(one.value, one.label) for one in DIALLED])
    call_at = forms.DateTimeField(label=_("Call again at"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class HandOverForm(forms.Form):
    """Who makes the visit instead."""

    person = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.filter(is_active=True), widget=PickedSelect
    )


class AnswerForm(forms.Form):
    """The questions of one questionnaire, asked by an agent or on the customer's own telephone."""

    def __init__(self, sheet: Sheet, merged: list[FollowUp], *args: Any, is_asked: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.question_names = [question.key for question in sheet.questions]
        for question in sheet.questions:
            self.fields[question.key] = _field_of(question)
        if not any(question.type == QuestionType.TEXT for question in sheet.questions):
            self.fields["words"] = forms.CharField(
                label=_("The customer's words") if is_asked else _("What is not settled yet?"), required=False,
                max_length=2000, widget=forms.Textarea,
            )  # fmt: skip
        if merged:
            choices = [
                (str(one.ticket_id), f"{one.ticket.number} {shown_words(one.ticket.title)[:40]}") for one in merged
            ]
            self.fields["also"] = forms.MultipleChoiceField(
                label=_("Not settled either"), required=False, choices=choices, widget=forms.CheckboxSelectMultiple
            )

    @property
    def given(self) -> dict[str, str]:
        """The answers as they were typed; the service says what is missing."""
        return {name: str(self.data.get(name, "")) for name in self.question_names}

    @property
    def words(self) -> str:
        """What was written where the questionnaire itself asks for no words."""
        return str(self.cleaned_data.get("words", ""))

    @property
    def words_field(self) -> forms.BoundField:
        """The field of these words."""
        return self["words"]

    @property
    def also_unsettled(self) -> list[int]:
        return [int(one) for one in self.cleaned_data.get("also", [])]

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.question_names]


def _field_of(question: Any) -> forms.Field:
    if question.type == QuestionType.TEXT:
        return forms.CharField(
            label=question.label, required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
        )
    options = [(option.value, option.label) for option in question.options]
    return forms.ChoiceField(
        label=question.label, required=question.is_required, choices=options, widget=forms.RadioSelect
    )


_IDS = {"categories": "category_ids", "severities": "severity_ids", "levels": "level_ids", "units": "unit_ids"}
_PLAIN = (
    "rank", "endings", "kinds", "share", "first_after_hours", "quiet_from", "quiet_until", "most_attempts", "gap_hours",
    "valid_days", "merges_day", "questionnaire",
)  # fmt: skip


class RuleForm(forms.Form):
    """One rule of return visits."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    rank = forms.IntegerField(label=_("Order"), initial=50, min_value=1, max_value=9999, help_text=_("The first rule that fits decides."))  # fmt: skip
    endings = forms.MultipleChoiceField(label=_("After a ticket was"), choices=[(one.value, one.label) for one in RULED_ENDINGS], initial=[Ending.CLOSED.value])  # fmt: skip
    kinds = forms.MultipleChoiceField(label=_("Kinds of ticket"), choices=TicketKind.choices, required=False)
    categories = forms.ModelMultipleChoiceField(label=_("Categories"), queryset=Category.objects.filter(is_active=True), required=False)  # fmt: skip
    severities = forms.ModelMultipleChoiceField(label=_("Severities"), queryset=Severity.objects.filter(is_active=True), required=False)  # fmt: skip
    levels = forms.ModelMultipleChoiceField(label=_("Customer levels"), queryset=CustomerLevel.objects.filter(is_active=True), required=False)  # fmt: skip
    units = forms.ModelMultipleChoiceField(label=_("Units"), queryset=OrgUnit.objects.filter(is_active=True), required=False)  # fmt: skip
    share = forms.IntegerField(label=_("Share (%)"), min_value=0, max_value=100, initial=100)
    questionnaire = forms.ModelChoiceField(label=_("Questionnaire"), queryset=Questionnaire.objects.filter(is_active=True))  # fmt: skip
    way1 = forms.ChoiceField(label=_("First by"), choices=[(one.value, one.label) for one in RULED_WAYS])
    way2 = forms.ChoiceField(label=_("then by"), required=False, choices=[("", "—"), *((one.value, one.label) for one in RULED_WAYS)])  # fmt: skip
    way3 = forms.ChoiceField(label=_("at last by"), required=False, choices=[("", "—"), *((one.value, one.label) for one in RULED_WAYS)])  # fmt: skip
    first_after_hours = forms.IntegerField(label=_("First after … hours"), min_value=0, max_value=720, initial=24)
    quiet_from = forms.TimeField(label=_("Nobody is disturbed from"), initial="20:00")
    quiet_until = forms.TimeField(label=_("until"), initial="09:00")
    most_attempts = forms.IntegerField(label=_("Attempts by telephone"), min_value=1, max_value=20, initial=3)
    gap_hours = forms.IntegerField(label=_("Hours between attempts"), min_value=1, max_value=240, initial=4)
    valid_days = forms.IntegerField(label=_("Valid for … days"), min_value=1, max_value=60, initial=7)
    merges_day = forms.BooleanField(label=_("One visit for all closings of a customer on one day"), required=False, initial=True)  # fmt: skip
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, rule: VisitRule, version: VisitRuleVersion, data: Any = None) -> "RuleForm":
        """The form filled with what a rule says."""
        initial: dict[str, Any] = {name: getattr(version, name) for name in _PLAIN}
        initial |= {field: getattr(version, ids) for field, ids in _IDS.items()}
        initial |= {f"way{place}": way for place, way in enumerate(version.ways, start=1)}
        initial |= {"name": rule.name, "name_en": rule.name_en, "number": version.number}
        return cls(data, initial=initial)

    def items(self) -> RuleItems:
        """What the version is to say."""
        found = self.cleaned_data
        ways = tuple(way for way in (found["way1"], found["way2"], found["way3"]) if way)
        ids: dict[str, Any] = {name: tuple(row.pk for row in found[field]) for field, name in _IDS.items()}
        return RuleItems(ways=ways, **ids, **{name: found[name] for name in _PLAIN})


class QuestionnaireForm(forms.Form):
    """Name, kinds and words of a questionnaire; its questions are rows of ``QuestionForm``."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    kinds = forms.MultipleChoiceField(label=_("Kinds of ticket"), choices=TicketKind.choices, required=False)


class WordsForm(forms.Form):
    """What is said before and after the questions."""

    opening = forms.CharField(label=_("Opening"), required=False, max_length=1000, widget=forms.Textarea)
    opening_en = forms.CharField(label=_("Opening in English"), required=False, max_length=1000, widget=forms.Textarea)
    closing = forms.CharField(label=_("Closing words"), required=False, max_length=1000, widget=forms.Textarea)
    closing_en = forms.CharField(label=_("Closing words in English"), required=False, max_length=1000, widget=forms.Textarea)  # fmt: skip
    lock_version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class QuestionForm(forms.Form):
    """One question; answers stand one on a line as “words | English words”, with “!” in front where they mean not satisfied."""

    label = forms.CharField(label=_("Question asked"), max_length=200, required=False)
    label_en = forms.CharField(label=_("In English"), max_length=200, required=False)
    type = forms.ChoiceField(label=_("Kind of question"), choices=QuestionType.choices)
    is_required = forms.BooleanField(label=_("Required"), required=False)
    bad_below = forms.TypedChoiceField(
        label=_("Not satisfied from"), coerce=int, required=False, empty_value="0",
        choices=[(0, _("means nothing")), (1, _("1 and less")), (2, _("2 and less")), (3, _("3 and less"))],
    )  # fmt: skip
    answers = forms.CharField(
        label=_("Answers of a choice"), required=False, max_length=2000, widget=forms.Textarea,
        help_text=_("One on each line: words | English words. “!” in front: not satisfied."),
    )  # fmt: skip

    def row(self) -> dict[str, Any]:
        """The question as the schema has it."""
        found = self.cleaned_data
        return {**{name: found[name] for name in ("label", "label_en", "type", "is_required", "bad_below")}, "options": _options(found["answers"])}  # fmt: skip


def _options(text: str) -> list[dict[str, Any]]:
    rows = []
    for line in text.splitlines():
        words = line.strip()
        if not words:
            continue
        chinese, _bar, english = words.removeprefix("!").removeprefix("！").partition("|")
        is_bad = words[:1] in ("!", "！")
        rows.append({"label": chinese.strip(), "label_en": english.strip(), "is_bad": is_bad})
    return rows


def _as_row(question: dict[str, Any]) -> dict[str, Any]:
    lines = [
        f"{'!' if one.get('is_bad') else ''}{one['label']}{' | ' + one['label_en'] if one.get('label_en') else ''}"
        for one in question.get("options", [])
    ]
    return {**question, "answers": "\n".join(lines)}


EMPTY_ROWS = 3
QuestionFormSet = forms.formset_factory(QuestionForm, extra=EMPTY_ROWS, max_num=MOST_QUESTIONS)


def question_rows(schema: dict[str, Any], data: Any = None) -> Any:
    """The questions of a schema as rows to be edited, with some empty ones."""
    return QuestionFormSet(data, initial=[_as_row(one) for one in schema.get("questions", [])], prefix="q")


def schema_of(words: dict[str, Any], rows: Any) -> dict[str, Any]:
    """The schema typed; rows without words vanish."""
    kept = [form.row() for form in rows if form.cleaned_data.get("label", "").strip()]
    return {**{name: words[name] for name in ("opening", "opening_en", "closing", "closing_en")}, "questions": kept}


class RiskWordForm(forms.Form):
    """One word of risk."""

    word = forms.CharField(label=_("Word"), max_length=60)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class ReplyForm(forms.Form):
    """What came of calling the customer with the answer, and what he was told."""

    way = forms.ChoiceField(label=_("Answered by"), required=False)
    outcome = forms.ChoiceField(
        label=_("What came of the call"), required=False, widget=forms.RadioSelect, initial=AttemptOutcome.REACHED.value,
        choices=[(one.value, one.label) for one in (AttemptOutcome.REACHED, *DIALLED) if one in (AttemptOutcome.REACHED, *FAILED)],
    )  # fmt: skip
    result = forms.CharField(label=_("Result"), required=False, max_length=1500, widget=forms.Textarea)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=1500, widget=forms.Textarea)
    promise = forms.CharField(label=_("What was promised"), required=False, max_length=500)
    finish = forms.ChoiceField(label=_("If reached or sent: the step ends with"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self, outcomes: Iterable[tuple[str, str]], ways: Iterable[ReplyChannel], *args: Any, **more: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **more)
        self.fields["way"].choices = [(way.value, way.label) for way in ways]  # type: ignore[attr-defined]
        self.fields["finish"].choices = list(outcomes)  # type: ignore[attr-defined]

    def said(self) -> Said:
        found = self.cleaned_data
        return Said(found["result"], found["reason"], found["promise"])


class ReplyRuleForm(forms.Form):
    """What an answer to one kind of ticket asks for."""

    first_way = forms.ChoiceField(
        label=_("First by"), required=False, choices=[("", _("as the customer prefers")), *ReplyChannel.choices],
        help_text=_("What the customer was promised comes before."),
    )  # fmt: skip
    wants_result = forms.BooleanField(label=_("States the result"), required=False)
    wants_reason = forms.BooleanField(label=_("States the reason"), required=False)
    wants_promise = forms.BooleanField(label=_("States what was promised"), required=False)
    most_attempts = forms.IntegerField(label=_("Attempts by telephone"), min_value=1, max_value=10)
    gap_hours = forms.IntegerField(label=_("Hours between attempts"), min_value=0, max_value=72)
    then = forms.ChoiceField(label=_("After that"), choices=AfterFailure.choices)
    version = forms.IntegerField(widget=forms.HiddenInput)


class RepliesFilterForm(forms.Form):
    """What the list of answers is narrowed to."""

    q = forms.CharField(label=_("Number"), required=False, widget=SearchInput, max_length=24)

    def number(self) -> str:
        """The beginning of the number asked for; empty where it cannot be one."""
        return self.cleaned_data.get("q", "") if self.is_valid() else ""
