"""What delegated authority tells the rest of the house when it starts: permissions, navigation, sentences of the timeline."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, rest, timeline
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_entry
from onepoint.core.page_panels import PagePanel, register_page_panel
from onepoint.grants import events, following
from onepoint.grants.models import Authority, Grant, spoken_amount
from onepoint.grants.services import auditing

PERMISSIONS = {
    "grant.give": _("Grant within one's authority, ask for more"),
    "grant.view": _("See grants"),
    "grant.approve": _("Decide on grants above the authority of others"),
    "grant.settle": _("Settle grants with a voucher, take them back"),
    "grant.audit": _("Audit grants, see their statistics"),
    "authority.manage": _("Change kinds of grant, authorities and rules for audits"),
}
VERBS = {
    "grant.given": _("Granted on the spot"),
    "grant.asked": _("Asked for a grant"),
    "grant.approved": _("Grant approved"),
    "grant.refused": _("Grant refused"),
    "grant.settled": _("Grant settled"),
    "grant.cancelled": _("Grant taken back"),
    "grant.audit_claimed": _("Audit of a grant taken"),
    "grant.audit_released": _("Audit of a grant given back"),
    "grant.audit_passed": _("Audit of a grant passed"),
    "grant.objected": _("Objected to a grant"),
    "grant.corrected": _("Objection to a grant answered"),
    "grant.correction_accepted": _("Correction of a grant accepted"),
    "grant.correction_demanded": _("Another correction of a grant demanded"),
    "grant.correction_late": _("Correction of a grant overdue"),
    "authority.created": _("Authority created"),
    "authority.changed": _("Authority changed"),
    "grant_kind.created": _("Kind of grant created"),
    "grant_kind.changed": _("Kind of grant changed"),
    "objection_code.created": _("Reason for objecting created"),
    "objection_code.changed": _("Reason for objecting changed"),
    "audit_rule.created": _("Rule for audits created"),
    "audit_rule.changed": _("Rule for audits changed"),
}
_SENTENCES = {
    "grant.given": _("Granted on the spot: %(kind)s %(amount)s (%(number)s). %(reason)s"),
    "grant.asked": _("Asked for approval: %(kind)s %(amount)s (%(number)s). %(reason)s"),
    "grant.approved": _("Approved: %(kind)s %(amount)s (%(number)s). %(words)s"),
    "grant.refused": _("Refused: %(kind)s %(amount)s (%(number)s). %(words)s"),
    "grant.settled": _("Settled: %(kind)s %(amount)s (%(number)s), voucher %(voucher)s"),
    "grant.cancelled": _("Took back: %(kind)s %(amount)s (%(number)s). %(reason)s"),
    "grant.audit_claimed": _("Took the audit of %(number)s"),
    "grant.audit_released": _("Gave the audit of %(number)s back"),
    "grant.audit_passed": _("The audit of %(number)s was passed. %(words)s"),
    "grant.objected": _("Objected to %(number)s: %(code)s. %(words)s"),
    "grant.corrected": _("Answered the objection to %(number)s: %(text)s"),
    "grant.correction_accepted": _("Accepted the correction of %(number)s"),
    "grant.correction_demanded": _("Demanded another correction of %(number)s: %(words)s"),
    "grant.correction_late": _("The correction of %(number)s is overdue"),
}


def _with_amount(sentence: Any) -> timeline.Sentence:
    """The sentence with the amount spoken in the reader's language."""

    def say(facts: Mapping[str, Any]) -> str:
        told = {**facts, "amount": spoken_amount(Decimal(facts["amount"] or 0), facts["unit"])}
        for name in ("reason", "words", "text", "voucher", "code"):
            told.setdefault(name, "")
        return (str(sentence) % told).strip()

    return say


def register() -> None:
    """Called once by the AppConfig."""
    for code, label in PERMISSIONS.items():
        permissions.register(code, label)
    permissions.name_noun("grant", _("Delegated authority"))
    permissions.name_noun("authority", _("Delegated authority"))
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
    timeline.register_sentences({verb: _with_amount(sentence) for verb, sentence in _SENTENCES.items()})
    timeline.name_subject("grant", Grant, "number", page="grant-detail")
    timeline.name_subject("authority", Authority, "pk")
    register_entry(NavItem("work", 40, _("Grants"), "grant-list", "gift", "grant.view"))
    register_entry(NavItem("work", 41, _("Grants to approve"), "grant-approvals", "gavel", "grant.approve"))
    register_entry(NavItem("supervision", 40, _("Audit of grants"), "grant-audit-list", "scale", "grant.audit"))
    register_entry(
        NavItem("administration", 45, _("Delegated authority"), "authority-list", "license", "authority.manage")
    )
    for page, url_name in (("ticket", "ticket-grants"), ("contact", "contact-grants")):
        register_page_panel(PagePanel(page, 30, _("Grants"), url_name, ("grant.view", "grant.give")))
    events.register()
    following.register()
    auditing.register()
    rest.register_router("/grants", "onepoint.grants.api.router", "Grants")
