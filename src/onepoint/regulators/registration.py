"""What regulators tell the rest of the house when it starts: permissions, navigation, sentences, events."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, timeline
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_entry
from onepoint.core.page_panels import PagePanel, register_page_panel
from onepoint.customers.merging import Holder, register_holder
from onepoint.notifications.registry import Event, Variable, register_event, register_group
from onepoint.regulators import following
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.regulators.states import CaseResult

PERMISSIONS = {
    "regulator.view": _("See cases handed over by regulators"),
    "regulator.register": _("Register what a regulator hands over"),
    "regulator.answer": _("Record answers to regulators and how they closed their cases"),
    "regulator.manage": _("Change regulators and their limits"),
}
VERBS = {
    "regulator.created": _("Regulator created"),
    "regulator.changed": _("Regulator changed"),
    "regulator_case.registered": _("Case of a regulator registered"),
    "regulator_case.taken_up": _("Case of a regulator given its ticket"),
    "regulator_case.answered": _("Regulator answered"),
    "regulator_case.closed": _("Case closed by the regulator"),
    "ticket.handed_over_by_regulator": _("Ticket handed over by a regulator"),
    "ticket.regulator_answered": _("Regulator answered about a ticket"),
}


def _closed(facts: Mapping[str, Any]) -> str:
    result = facts["result"]
    label = str(CaseResult(result).label) if result in CaseResult.values else result
    return (
        gettext("Closed by the authority: %(result)s. %(words)s") % {"result": label, "words": facts["words"]}
    ).strip()


SENTENCES: dict[str, timeline.Sentence] = {
    "regulator.created": _("Added the regulator"),
    "regulator.changed": _("Changed the regulator"),
    "regulator_case.registered": _("Registered %(case_number)s of %(regulator)s"),
    "regulator_case.taken_up": _("Ticket %(ticket)s works on it"),
    "regulator_case.answered": _("Answered the authority with document %(document)s"),
    "regulator_case.closed": _closed,
    "ticket.handed_over_by_regulator": _("%(regulator)s handed this over under %(case_number)s"),
    "ticket.regulator_answered": _("The authority was answered about %(case_number)s with document %(document)s"),
}


def register() -> None:
    """Called once by the AppConfig."""
    for code, label in PERMISSIONS.items():
        permissions.register(code, label)
    permissions.name_noun("regulator", _("Regulators"))
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
    timeline.register_sentences(SENTENCES)
    timeline.name_subject("regulator_case", RegulatorCase, "number", page="regulator-case-detail")
    timeline.name_subject("regulator", Regulator, "code")
    register_entry(
        NavItem("supervision", 25, _("Cases of regulators"), "regulator-case-list", "building-bank", "regulator.view")
    )
    register_entry(
        NavItem("administration", 46, _("Regulators"), "regulator-list", "building-bank", "regulator.manage")
    )
    register_page_panel(
        PagePanel("ticket", 20, _("Handed over by a regulator"), "ticket-regulator-cases", is_quiet=True)
    )
    register_holder(
        Holder("regulatorcase", _("Cases of regulators"), following.count, following.move, following.give_back)
    )
    _register_events()


def _register_events() -> None:
    register_group("regulators", _("Regulators"), 26)
    variables = (
        Variable("number", _("Number"), "JG20261122000001"),
        Variable("regulator", _("Regulator"), "电信用户申诉受理中心"),
        Variable("case_number", _("Number of the authority"), "鄂申〔2026〕1024"),
        Variable("due", _("Answer due"), kind="moment"),
    )
    texts = {
        "regulator_case.registered": (
            _("A regulator asks about a ticket of yours"),
            ("转办件：{case_number}", "{regulator} 转办 {case_number} 已登记为 {number}，须在 {due} 前答复。{link}"),
            ("Handed over: {case_number}", "{regulator} handed over {case_number}; answer due {due}. {link}"),
        ),
        "regulator_case.at_risk": (
            _("An answer to a regulator is due soon"),
            ("转办件将到期：{case_number}", "{regulator} 转办 {case_number} 须在 {due} 前答复，请抓紧办理。{link}"),
            ("Due soon: {case_number}", "The answer to {regulator} about {case_number} is due {due}. {link}"),
        ),
        "regulator_case.late": (
            _("An answer to a regulator is overdue"),
            ("转办件已逾期：{case_number}", "{regulator} 转办 {case_number} 已超过答复期限 {due}，请立即处理。{link}"),
            ("Overdue: {case_number}", "The answer to {regulator} about {case_number} was due {due}. {link}"),
        ),
    }
    for name, (label, chinese, english) in texts.items():
        register_event(
            Event(
                name,
                label,
                "regulators",
                variables,
                {"zh-hans": chinese, "en": english},
                ("app", "email"),
                urgent=name == "regulator_case.late",
            )  # fmt: skip
        )
