"""Figures of marks, inspections and hidden risks as files: every line of the period, each with the days it is about."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, register
from onepoint.core.spreadsheets import MOST_ROWS
from onepoint.quality import hidden_risk_rights, policies
from onepoint.quality import inspection_rights as rights
from onepoint.quality.agreement import Agreement
from onepoint.quality.hidden_risk_forms import RiskFilterForm
from onepoint.quality.inspection_forms import AgreementPeriodForm, PeriodForm
from onepoint.quality.mark_forms import FigureForm
from onepoint.quality.queries import hidden_risks, inspection_figures
from onepoint.quality.queries.figures import mark_figures

Lines = Sequence[Mapping[str, Any]]


def mark_lines(person: User, parameters: QueryDict) -> Lines:
    chosen = FigureForm(parameters).chosen()
    english = (translation.get_language() or "").startswith("en")
    period = {"since": chosen.since, "until": chosen.until}
    found = mark_figures(chosen, visible_to=person, english=english, most=MOST_ROWS)
    return [vars(line) | period | {"share": line.share_overturned} for line in found]


def inspected_lines(person: User, parameters: QueryDict) -> Lines:
    form = PeriodForm(parameters)
    since, until = form.period()
    by = form.cleaned_data.get("by") or "unit"
    found = inspection_figures.figures_of_inspected(by, since, until, visible_to=person, most=MOST_ROWS)
    return [vars(line) | {"since": since, "until": until, "share": line.pass_percent} for line in found]


def inspector_lines(person: User, parameters: QueryDict) -> Lines:
    since, until = PeriodForm(parameters).period()
    found = inspection_figures.figures_of_inspectors(since, until, visible_to=person, most=MOST_ROWS)
    return [vars(line) | {"since": since, "until": until} for line in found]


def agreement_lines(person: User, parameters: QueryDict) -> Lines:
    """Each card as a whole and item by item, then each pair of inspectors."""
    since, until = AgreementPeriodForm(parameters).period()
    found = inspection_figures.agreement_figures(since, until, visible_to=person)
    lines: list[tuple[str, str, Agreement]] = []
    for card in found.cards:
        lines.append((card.label, _now("Whole card, by grade"), card.whole))
        lines += [(card.label, label, one) for label, one in card.items]
    lines += [(_now("Pairs of inspectors"), label, one) for label, one in found.people]
    return [
        {
            "about": about, "label": label, "since": since, "until": until, "count": one.count, "percent": one.percent,
            "kappa": None if one.kappa is None else round(one.kappa, 2),
        }
        for about, label, one in lines
    ]  # fmt: skip


def risk_lines(person: User, parameters: QueryDict) -> Lines:
    asked = parameters.get("by", "")
    by = asked if asked in hidden_risks.GROUPINGS else "unit"
    chosen = RiskFilterForm(parameters).chosen(state="all")
    found = hidden_risks.count_risks(by, chosen, visible_to=person, most=MOST_ROWS)
    return [
        row | {"label": _risk_label(by, row), "since": chosen.since or "", "until": chosen.until or ""} for row in found
    ]


def _risk_label(by: str, row: Mapping[str, Any]) -> str:
    if by == "month":
        return date_format(row["month"], "YEAR_MONTH_FORMAT")
    key, name, name_en = hidden_risks.GROUPINGS[by]
    return in_language(row[name], row[name_en]) if row[key] else _now("not given to a unit yet")


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _points(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 2)


_LINE = ExportColumn("line", _("Line"), ("label",))
_PERIOD = [ExportColumn("from", _("From"), ("since",)), ExportColumn("until", _("Until"), ("until",))]
MARKS = [
    _LINE,
    *_PERIOD,
    ExportColumn("made", _("Marks made"), ("made",)),
    ExportColumn("counted", _("That count"), ("counted",)),
    ExportColumn("fatal", _("Fatal"), ("fatal",)),
    ExportColumn("points", _("Points"), ("points",)),
    ExportColumn("appealed", _("Appeals"), ("appealed",)),
    ExportColumn("overturned", _("Overturned"), ("overturned",)),
    ExportColumn("share", _("Share overturned, %"), ("share",), _share),
]
INSPECTED = [
    _LINE,
    *_PERIOD,
    ExportColumn("count", _("Inspections"), ("count",)),
    ExportColumn("average", _("Average score"), ("average",), _points),
    ExportColumn("passed", _("80 points and more, %"), ("share",)),
    ExportColumn("fatal", _("Fatal"), ("fatal",)),
    ExportColumn("appeals", _("Appeals"), ("appeals",)),
]
INSPECTORS = [
    ExportColumn("inspector", _("Inspector"), ("label",)),
    *_PERIOD,
    ExportColumn("count", _("Scored"), ("count",)),
    ExportColumn("average", _("Average score"), ("average",), _points),
    ExportColumn("doubles", _("Scored twice"), ("doubles",)),
    ExportColumn("overruled", _("of which arbitrated"), ("overruled",)),
    ExportColumn("changed", _("Changed by an appeal"), ("changed",)),
]
AGREEMENT = [
    ExportColumn("about", _("Score card"), ("about",)),
    ExportColumn("line", _("What is judged"), ("label",)),
    *_PERIOD,
    ExportColumn("pairs", _("Pairs"), ("count",)),
    ExportColumn("same", _("Same score, %"), ("percent",)),
    ExportColumn("kappa", "κ", ("kappa",)),
]
RISKS = [
    _LINE,
    *_PERIOD,
    ExportColumn("raised", pgettext_lazy("hidden risk", "Raised"), ("raised",)),
    ExportColumn("open", _("Not yet closed"), ("open",)),
    ExportColumn("late", _("Overdue"), ("late",)),
    ExportColumn("in_time", _("Removed in time"), ("in_time",)),
    ExportColumn("refused", pgettext_lazy("hidden risk", "Refused"), ("refused",)),
    ExportColumn("verified", _("Verified"), ("verified",)),
]
_SEE = rights.why_not_see_inspections
register(ExportedList("mark_figures", _("Figures of marks"), MARKS, mark_lines, policies.why_not_list, FigureForm))
register(ExportedList("inspection_figures", _("Figures of inspections"), INSPECTED, inspected_lines, _SEE, PeriodForm))
register(ExportedList("inspector_figures", _("Figures of inspectors"), INSPECTORS, inspector_lines, _SEE, PeriodForm))
register(
    ExportedList(
        "inspector_agreement", _("Agreement of inspectors"), AGREEMENT, agreement_lines, _SEE, AgreementPeriodForm
    )
)
register(
    ExportedList(
        "hidden_risk_figures", _("Hidden risks in figures"), RISKS, risk_lines, hidden_risk_rights.why_not_list,
        RiskFilterForm,
    )
)  # fmt: skip
