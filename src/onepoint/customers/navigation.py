"""The entries of the customer record in the sidebar."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register
from onepoint.customers.panels import register_panel

register(NavItem("customers", 10, _("Customers"), "customer-list", "users", "customer.view", "g c"))
register(NavItem("administration", 70, _("Customer levels"), "customer-level-list", "star", "customer_level.manage"))
register_panel(90, _("History"), "customer-history")
