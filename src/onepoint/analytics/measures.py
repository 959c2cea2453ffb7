"""The measures: what each counts, of how many, and its definition in words. The page of definitions shows exactly this."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.analytics.models import Source

Text = str | Promise

#: Which kind of event a counter belongs to.
SOURCE_OF = {
    **dict.fromkeys(("contacts", "solved"), Source.CONTACT),
    **dict.fromkeys(("opened", "complaints", "repeated", "taken_up", "record_unqualified"), Source.OPENED),
    **dict.fromkeys(
        ("closed", "first_time", "reopened", "timed", "on_time", "visited", "reached", "answered", "satisfied", "rated",
         "rated_well", "answer_unqualified", "inspection_unqualified"), Source.CLOSED,
    ),
    **dict.fromkeys(("marked_front", "marked_back", "marked_inspection", "appeals", "appeals_won"), Source.MARK),
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """``of`` counts; with ``out_of`` it is a share. ``better`` is "more", "less", or "" where neither is."""

    code: str
    label: Text
    definition: Text
    of: str
    out_of: str = ""
    better: str = "more"

    @property
    def is_share(self) -> bool:
        return bool(self.out_of)

    @property
    def has_rest(self) -> bool:
        """Whether those that do not count are of the same kind as those that do."""
        return self.is_share and SOURCE_OF[self.of] == SOURCE_OF[self.out_of]

    @property
    def counters(self) -> tuple[str, ...]:
        return (self.of, self.out_of) if self.out_of else (self.of,)


_ALL = (
    Measure(
        "satisfaction", _("Satisfaction"),
        _("Of the closings about which the customer answered a return visit, those he was satisfied with."),
        "satisfied", "answered",
    ),
    Measure(
        "rating", _("Rated four or five stars"),
        _("Of the closings the customer gave stars for, on the portal or by link, those with four or five."),
        "rated_well", "rated",
    ),
    Measure(
        "first_time", _("First-time resolution"),
        _("Of all closings, those that were the first of their ticket, that were not reopened since, and for which one"
          " department at most worked without any step being sent back."),
        "first_time", "closed",
    ),
    Measure(
        "solved_at_once", _("Solved at once"),
        _("Of the contacts from customers, those that were settled in the conversation and needed no ticket."),
        "solved", "contacts",
    ),
    Measure(
        "on_time", _("Closed on time"),
        _("Of the tickets that had a limit for the whole case, counted by their last closing, those that kept every"
          " such limit. Pauses do not count, as the rules of the clocks say."),
        "on_time", "timed",
    ),
    Measure(
        "taken_up", _("Taken up within 24 hours"),
        _("Of the tickets opened, those of which somebody else than who registered it claimed or finished a step within"
          " 24 hours, or that were closed within them (after ISO 10002: a complaint is acknowledged promptly). Those that"
          " wait still count as not taken up."),
        "taken_up", "opened",
    ),
    Measure(
        "visit_rate", _("Visit rate"),
        _("Of all closings, those about which the customer was called or sent a link, or answered of his own accord."),
        "visited", "closed",
    ),
    Measure(
        "reach_rate", _("Reach of visits"),
        _("Of the closings visited, those about which the customer answered or said that he does not want to."),
        "reached", "visited",
    ),
    Measure(
        "repeated", _("Repeated complaints"),
        _("Of the complaints opened, those whose customer had complained within the 30 days before about the same"
          " category or one beside it. Merged ones do not count."),
        "repeated", "complaints", "less",
    ),
    Measure(
        "reopen_rate", _("Reopening rate"),
        _("Of all closings, those that were followed by a reopening."), "reopened", "closed", "less",
    ),
    Measure(
        "unqualified_front", _("Unqualified: records"),
        _("Of the tickets opened, those whose record or routing the back office marked as unqualified at least once. Marks"
          " count while they stand or were upheld; the ticket counts on the day it was opened, for who took it."),
        "record_unqualified", "opened", "less",
    ),
    Measure(
        "unqualified_back", _("Unqualified: answers"),
        _("Of all closings, those whose handling or answer the front office marked as unqualified at least once since the"
          " closing before. Marks count as above; the closing counts on its day, for the department that finished it."),
        "answer_unqualified", "closed", "less",
    ),
    Measure(
        "unqualified_inspection", _("Unqualified: inspection"),
        _("Of all closings, those that an inspector marked as unqualified at least once. Marks and closings count as above."),
        "inspection_unqualified", "closed", "less",
    ),
    Measure(
        "appeal_success", _("Appeals that succeeded"),
        _("Of the marks whose appeal was decided, those that were overturned; on the day of the mark."),
        "appeals_won", "appeals", "",
    ),
    Measure(
        "marks_front", _("Marks on records"),
        _("Marks of the back office on records and routing of the front office that stand or were upheld, on the day of the"
          " mark, for the person and unit judged. A ticket may have several."), "marked_front", better="less",
    ),
    Measure(
        "marks_back", _("Marks on answers"),
        _("Marks of the front office on handling and answers of the back office. They count as above."), "marked_back",
        better="less",
    ),
    Measure(
        "marks_inspection", _("Marks by inspectors"), _("Marks made by inspectors. They count as above."),
        "marked_inspection", better="less",
    ),
    Measure("contacts", _("Contacts"), _("Conversations from customers on any channel."), "contacts", better=""),
    Measure("opened", _("Tickets opened"), _("Without merged ones and appeals."), "opened", better=""),
    Measure("complaints", _("Complaints"), _("Tickets opened that are complaints."), "complaints", better="less"),
    Measure(
        "closed", _("Closings"),
        _("Each time a ticket is closed, by somebody or by the system; aborted and withdrawn ones do not count."),
        "closed", better="",
    ),
)  # fmt: skip

MEASURES = {measure.code: measure for measure in _ALL}
#: What the overview shows.
OVERVIEW = (
    "satisfaction", "first_time", "on_time", "solved_at_once", "taken_up", "visit_rate", "repeated", "reopen_rate",
    "unqualified_back",
)  # fmt: skip
#: What the table shows before anybody chooses.
USUAL = ("opened", "closed", "satisfaction", "first_time", "on_time", "repeated")
