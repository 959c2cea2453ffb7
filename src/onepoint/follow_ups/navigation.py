"""Return visits in the sidebar and on the customer page."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register
from onepoint.customers.panels import register_panel

register(NavItem("work", 40, _("Return visits"), "visit-list", "phone-call", "follow_up.view"))
register(NavItem("work", 35, _("Answers due"), "reply-list", "message-reply", "ticket.view"))
register(NavItem("design", 59, _("Rules of answers"), "reply-rule-list", "message-report", "follow_up.manage"))
register(NavItem("design", 60, _("Rules of return visits"), "visit-rule-list", "checklist", "follow_up.manage"))
register(NavItem("design", 61, _("Questionnaires"), "questionnaire-list", "forms", "follow_up.manage"))
register(NavItem("design", 62, _("Risk words"), "risk-word-list", "flag", "follow_up.manage"))
register_panel(40, _("Return visits"), "visits-of-customer", "follow_up.view")
