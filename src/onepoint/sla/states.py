"""The kinds of days, and how far the consequences of a change have got."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DayKind(models.TextChoices):
    """How a day differs from the week."""

    HOLIDAY = "holiday", _("Holiday")
    WORKDAY = "workday", _("Make-up workday")
    SPECIAL = "special", _("Special hours")


class ChangeState(models.TextChoices):
    """How far the running clocks have been set right after a calendar changed."""

    WAITING = "waiting", pgettext_lazy("recomputing", "Waiting")
    DONE = "done", pgettext_lazy("recomputing", "Done")


class MomentStatus(models.TextChoices):
    """What has become of a due moment."""

    WAITING = "waiting", pgettext_lazy("due moment", "Waiting")
    FIRED = "fired", _("Has happened")
    CANCELLED = "cancelled", pgettext_lazy("due moment", "Cancelled")
    PARKED = "parked", _("Failed, waits for a person")
