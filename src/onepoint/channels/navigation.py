"""The contact journal in the sidebar and on the customer page."""

from django.utils.translation import gettext_lazy as _

from onepoint.channels import happenings, merging  # noqa: F401  (happenings registers itself)
from onepoint.channels.models import Contact, CounterNumber
from onepoint.core.navigation import NavItem, register
from onepoint.customers.merging import Holder, holder_of, register_holder
from onepoint.customers.panels import register_panel

register(NavItem("customers", 20, _("Contact journal"), "contact-list", "message-2", "contact.view"))
register(NavItem("administration", 66, _("Gateways"), "gateway-list", "send", "gateway.view"))
register(NavItem("administration", 67, _("Canned texts"), "canned-text-list", "message-reply", "canned_text.change"))
register(NavItem("administration", 65, _("Results of contacts"), "contact-result-list", "list-check", "journal.manage"))
register(NavItem("supervision", 90, _("Outbox"), "message-list", "mail", "outbox.view"))
register_panel(50, _("Contacts"), "contact-of-customer", "contact.view")
register_holder(holder_of(CounterNumber))
register_holder(
    Holder("contact", Contact._meta.verbose_name_plural or "", merging.count, merging.move, merging.give_back)
)
