"""What the standard, marks, appeals and rectifications tell the rest of the house when it starts."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, rest, timeline
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_entry
from onepoint.core.page_panels import PagePanel, register_page_panel
from onepoint.quality import figure_exports, mark_events, mark_exports, verification  # noqa: F401  (lists and checks register themselves)
from onepoint.quality.models import Mark, Rectification, Standard
from onepoint.quality.services import handing_over, marks, rectifications  # noqa: F401  (registers what people hold)

PERMISSIONS = {
    "mark.view": _("See marks of unqualified work and their figures"),
    "mark.judge_record": _("Mark tickets as badly recorded or misrouted"),
    "mark.judge_answer": _("Mark answers that do not help"),
    "mark.inspect": _("Mark what an inspection found"),
    "standard.manage": _("Write and publish the standard of unqualified tickets"),
    "rectification.ask": _("Have somebody put something right"),
}
#: Whoever may judge or see judgements has the panel on tickets; others read of their own work in their list.
_SEE_PANEL = ("mark.view", "mark.judge_record", "mark.judge_answer", "mark.inspect")
VERBS = {
    "mark.made": _("Marked as unqualified"),
    "mark.withdrawn": _("Mark withdrawn"),
    "mark.final": _("Mark final"),
    "mark.appealed": _("Mark appealed against"),
    "mark.appeal_dropped": _("Appeal dropped"),
    "mark.upheld": _("Mark upheld"),
    "mark.overturned": _("Mark overturned"),
}
_ABOUT_MARKS = {
    "made": _("Marked %(person)s's work: %(code)s %(name)s. %(words)s"),
    "withdrawn": _("Withdrew the mark %(code)s %(name)s: %(reason)s"),
    "final": _("Nobody appealed against %(code)s %(name)s in time; the mark is final"),
    "appealed": _("Appealed against %(code)s %(name)s: %(reason)s"),
    "appeal_dropped": _("The appeal against %(code)s %(name)s was dropped; the mark stands"),
    "upheld": _("%(code)s %(name)s was upheld. %(words)s"),
    "overturned": _("%(code)s %(name)s was overturned. %(words)s"),
}
_STANDARD = {
    "standard.draft_begun": (_("Draft of the standard begun"), _("Began the draft of version %(version)s")),
    "standard.changed": (_("Draft of the standard changed"), _("Changed the draft of version %(version)s")),
    "standard.published": (_("Standard published"), _("Published version %(version)s")),
    "standard.discarded": (_("Draft of the standard discarded"), _("Discarded the draft of version %(version)s")),
}
_RECTIFICATIONS = {
    "rectification.asked": (_("Rectification asked for"), _("Asked %(person)s to put right: %(title)s")),
    "rectification.submitted": (_("Rectification handed in"), _("Handed in the proof: %(words)s")),
    "rectification.accepted": (_("Rectification accepted"), _("Accepted it. %(words)s")),
    "rectification.rejected": (_("Rectification rejected"), _("Did not accept it: %(words)s")),
    "rectification.handed_over": (_("Rectification handed over"), _("Handed over from %(from)s to %(to)s")),
    "rectification.cancelled": (_("Rectification cancelled"), _("Cancelled it. %(words)s")),
}


def _name_verbs() -> None:
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
        audit.name_verb(f"ticket.mark_{verb.removeprefix('mark.')}", label)
    for name, sentence in _ABOUT_MARKS.items():
        timeline.register_sentences({f"mark.{name}": sentence, f"ticket.mark_{name}": sentence})
    for verb, (label, sentence) in (_STANDARD | _RECTIFICATIONS).items():
        audit.name_verb(verb, label)
        timeline.register_sentences({verb: sentence})
    timeline.name_subject("standard", Standard, "number")
    timeline.name_subject("mark", Mark, "number", page="mark-detail")
    timeline.name_subject("rectification", Rectification, "number", page="rectification-detail")


def _add_entries() -> None:
    register_entry(NavItem("quality", 40, _("My work judged"), "mark-own", "flag-check"))
    register_entry(NavItem("quality", 10, _("Unqualified tickets"), "mark-list", "flag", "mark.view"))
    register_entry(NavItem("quality", 70, _("Standard of unqualified tickets"), "standard", "checklist"))
    register_page_panel(PagePanel("ticket", 45, _("Inspection"), "ticket-marks", _SEE_PANEL, is_quiet=True))


def register() -> None:
    """Called once by the AppConfig."""
    for code, label in PERMISSIONS.items():
        permissions.register(code, label)
    permissions.name_noun("mark", _("Inspection"))
    permissions.name_noun("standard", _("Inspection"))
    permissions.name_noun("rectification", _("Inspection"))
    _name_verbs()
    _add_entries()
    rest.register_router("/marks", "onepoint.quality.api.marks_router", "Marks")
    rest.register_router("/inspections", "onepoint.quality.api.inspections_router", "Inspections")
    mark_events.register()
    marks.register()
    rectifications.register()
