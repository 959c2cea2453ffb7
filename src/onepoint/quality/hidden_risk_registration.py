"""What hidden risks tell the rest of the house when it starts."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, rest, timeline
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_entry
from onepoint.core.page_panels import PagePanel, register_page_panel
from onepoint.quality import hidden_risk_events, hidden_risk_exports  # noqa: F401  (lists register by being imported)
from onepoint.quality.models import HiddenRisk, RiskKind
from onepoint.quality.services.hidden_risks import register_moments

PERMISSIONS = {
    "hidden_risk.view": _("See hidden risks"),
    "hidden_risk.raise": _("Raise hidden risks"),
    "hidden_risk.coordinate": _("Accept, refuse, hand over and verify hidden risks"),
    "hidden_risk.remove": _("Remove hidden risks"),
    "hidden_risk.manage": _("Keep the kinds of hidden risks"),
}
VERBS = {
    "hidden_risk.raised": (_("Hidden risk raised"), _("Raised it")),
    "hidden_risk.accepted": (_("Hidden risk accepted"), _("Accepted it; %(unit)s removes it. %(words)s")),
    "hidden_risk.handed_over": (_("Hidden risk handed over"), _("Handed it over to %(unit)s. %(words)s")),
    "hidden_risk.refused": (_("Hidden risk refused"), _("Refused it: %(words)s")),
    "hidden_risk.insisted": (_("Hidden risk insisted on"), _("Insists on it: %(words)s")),
    "hidden_risk.removal_begun": (_("Removal of a hidden risk begun"), _("Began to remove it. %(words)s")),
    "hidden_risk.removed": (_("Hidden risk removed"), _("Removed it: %(words)s")),
    "hidden_risk.verified": (_("Hidden risk verified and closed"), _("Verified that it is gone. %(words)s")),
    "hidden_risk.sent_back": (_("Hidden risk not removed yet"), _("Not gone yet: %(words)s")),
    "hidden_risk.late": (_("Hidden risk overdue"), _("Its limit is over")),
    "risk_kind.created": (_("Kind of hidden risks added"), _("added the kind %(name)s")),
    "risk_kind.changed": (_("Kind of hidden risks changed"), _("changed the kind %(name)s")),
    "ticket.hidden_risk_raised": (_("Hidden risk raised at a ticket"), _("Raised the hidden risk %(risk)s: %(title)s")),
}


def register() -> None:
    """Called once by the AppConfig."""
    for code, label in PERMISSIONS.items():
        permissions.register(code, label)
    permissions.name_noun("hidden_risk", _("Hidden risks"))
    for verb, (label, sentence) in VERBS.items():
        audit.name_verb(verb, label)
        timeline.register_sentences({verb: sentence})
    timeline.name_subject("hidden_risk", HiddenRisk, "number", page="hidden-risk-detail")
    timeline.name_subject("risk_kind", RiskKind, "code")
    register_entry(NavItem("quality", 30, _("Hidden risks"), "hidden-risk-list", "eye-exclamation", "hidden_risk.view"))
    register_entry(
        NavItem(
            "administration", 47, _("Kinds of hidden risks"), "risk-kind-list", "eye-exclamation", "hidden_risk.manage"
        )
    )
    register_page_panel(
        PagePanel("ticket", 50, _("Hidden risks"), "ticket-hidden-risks", ("hidden_risk.raise", "hidden_risk.view"))
    )
    rest.register_router("/hidden-risks", "onepoint.quality.hidden_risk_api.router", "Hidden risks")
    hidden_risk_events.register()
    register_moments()
