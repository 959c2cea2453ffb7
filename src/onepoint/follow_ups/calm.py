"""When nobody is disturbed: the quiet hours of a rule, in the house's time zone."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from onepoint.follow_ups.models import VisitRuleVersion
from onepoint.notifications.quiet_hours import end_of_quiet

#: For visits that no rule made.
USUAL = (time(20), time(9))
EVERY_DAY = range(1, 8)


def calm_moment(at: datetime, rule: VisitRuleVersion | None) -> datetime:
    """``at``, or the end of the quiet hours it lies in."""
    begins, ends = (rule.quiet_from, rule.quiet_until) if rule else USUAL
    if begins == ends:
        return at
    return end_of_quiet(at, begins, ends, EVERY_DAY, ZoneInfo(settings.TIME_ZONE)) or at


def is_quiet(at: datetime, rule: VisitRuleVersion | None) -> bool:
    """Whether nobody may be disturbed at this moment."""
    return calm_moment(at, rule) != at
