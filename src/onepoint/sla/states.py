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
    HELD = "held", pgettext_lazy("due moment", "Stands still")
    FIRED = "fired", _("Has happened")
    CANCELLED = "cancelled", pgettext_lazy("due moment", "Cancelled")
    PARKED = "parked", _("Failed, waits for a person")


class ClockKind(models.TextChoices):
    """What a clock measures; several run on one subject at once."""

    STATUTORY = "statutory", _("Statutory limit")
    TOTAL = "total", _("Whole case")
    FIRST_RESPONSE = "first_response", _("First response")
    PROMISE = "promise", _("Promise to the customer")
    STAGE = "stage", _("Stage")
    STEP = "step", _("Step")


class ClockState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("clock", "Running")
    PAUSED = "paused", pgettext_lazy("clock", "Paused")
    SETTLED = "settled", pgettext_lazy("clock", "Settled")
    CANCELLED = "cancelled", pgettext_lazy("clock", "Cancelled")


#: A clock in one of these still counts, or will again.
OPEN_CLOCK = (ClockState.RUNNING, ClockState.PAUSED)


class AfterReopening(models.TextChoices):
    """What a clock does when its settled subject lives again."""

    CONTINUE = "continue", _("counts on")
    RESTART = "restart", _("begins anew")
    NEW_LIMIT = "new_limit", _("begins anew with another limit")
    STAY = "stay", _("stays settled")


class Area(models.TextChoices):
    """Urban and rural: rules of the trade allow different times."""

    URBAN = "urban", _("Urban")
    RURAL = "rural", _("Rural")
