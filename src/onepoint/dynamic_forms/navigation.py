"""The entry of the forms in the sidebar."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.navigation import NavItem, register

register(NavItem("design", 40, _("Special items"), "form-list", "forms", "form.manage"))
