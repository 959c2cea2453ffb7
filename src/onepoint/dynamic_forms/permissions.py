"""What may be done with forms."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.permissions import name_noun, register

name_noun("form", _("Special items"))
register("form.manage", _("Design the special items of categories"))
