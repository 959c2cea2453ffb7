"""What one may be allowed to do with calendars."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.permissions import name_noun, register

name_noun("calendar", _("Working calendars"))
register("calendar.view", _("See working calendars"))
register("calendar.change", _("Change working calendars and who works by them"))

name_noun("moment", _("Due moments"))
register("moment.manage", _("See due moments that failed, try them again or give them up"))

name_noun("clock_policy", _("Rules for limits"))
register("clock_policy.view", _("See the rules that set limits"))
register("clock_policy.change", _("Change the rules that set limits"))
