"""Names in both languages, for tables that had only one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named


class NamedLater(Named):
    """Something whose English name was added while the house was at work: rows without one are read by the other."""

    name_en = models.CharField(_("English name"), max_length=120, blank=True, db_default="")

    class Meta:
        abstract = True
