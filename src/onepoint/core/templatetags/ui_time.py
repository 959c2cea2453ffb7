"""Tags that show moments and limits."""

import json
from datetime import date, datetime, timedelta
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from onepoint.core import clock
from onepoint.core.markup import escaped

register = template.Library()

#: From here on a limit that is still ahead is shown as a warning when no ``warn_at`` is known.
SOON = timedelta(hours=2)
NOTHING = mark_safe('<span class="muted">—</span>')


def duration_text(length: timedelta) -> str:
    """A length of time in its two biggest units: "3 d 4 h", "25 min"."""
    return _duration_text(max(int(length.total_seconds()) // 60, 0), get_language() or "")


@lru_cache(maxsize=5000)
def _duration_text(minutes: int, _language: str) -> str:
    """A list shows a hundred."""
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return (
            _("%(days)d d %(hours)d h") % {"days": days, "hours": hours} if hours else _("%(days)d d") % {"days": days}
        )
    if hours:
        return (
            _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
            if minutes
            else _("%(hours)d h") % {"hours": hours}
        )
    return _("%(minutes)d min") % {"minutes": minutes}


def _full(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(" ", "seconds")[:19]


def _stamp(moment: datetime) -> int:
    """Seconds since 1970, as the browser's clock counts."""
    return int(moment.timestamp())


@register.simple_tag
def when(moment: datetime | date | None, style: str = "short") -> SafeString:
    """A moment: ``short`` (today 14:03, this year 11-22 14:03), ``full``, ``date`` or ``ago``; always with the full one as title."""
    if moment is None or moment == "":
        return NOTHING
    if not isinstance(moment, datetime):
        return format_html('<time class="num" datetime="{}">{}</time>', moment.isoformat(), moment.strftime("%Y-%m-%d"))
    local = timezone.localtime(moment)
    now = timezone.localtime(clock.now())
    full = local.isoformat(" ", "seconds")[:19]
    if style == "date":
        shown = full[:10]
    elif style == "ago":
        shown = escaped(_ago(now - local))
    elif style == "full" or local.year != now.year:
        shown = full[:16]
    else:
        shown = full[11:16] if local.date() == now.date() else full[5:16]
    # A list shows hundreds: figures need no escaping.
    return SafeString(f'<time class="num" datetime="{moment.isoformat()}" title="{full}">{shown}</time>')


def _ago(length: timedelta) -> str:
    if length < timedelta(minutes=1):
        return _("just now")
    if length >= timedelta(days=1):
        return ngettext("%(days)d day ago", "%(days)d days ago", length.days) % {"days": length.days}
    return _("%(length)s ago") % {"length": duration_text(length)}


@register.simple_tag
def due(
    moment: datetime | None,
    warn_at: datetime | None = None,
    done_at: datetime | None = None,
    paused: bool = False,
    reason: str = "",
) -> SafeString:
    """A limit as a traffic light: time left, at risk, or how long over. ``done_at`` stops the clock.

    Whoever stands still (``paused``) is due at no moment; ``reason`` says why.
    """
    if paused and done_at is None and moment is None:
        return format_html('<span class="due due--paused" title="{}">{}</span>', reason, _("paused"))
    if moment is None:
        return NOTHING
    title = _full(moment)
    if done_at is not None:
        late = done_at > moment
        text = _("%(length)s late") % {"length": duration_text(done_at - moment)} if late else _("in time")
        tone = " due--bad" if late else " muted"
        return SafeString(f'<span class="due{tone}" title="{title}">{escaped(text)}</span>')
    if paused:
        return SafeString(f'<span class="due due--paused" title="{title}">{escaped(_("paused"))}</span>')
    left = moment - clock.now()
    if left < timedelta(0):
        tone, text = " due--bad", _("%(length)s over") % {"length": duration_text(-left)}
    else:
        at_risk = clock.now() >= warn_at if warn_at else left <= SOON
        tone, text = " due--warn" if at_risk else "", _("%(length)s left") % {"length": duration_text(left)}
    # The browser counts on by itself (frontend/src/clocks.js).
    marks = f' data-due="{_stamp(moment)}" data-warn="{_stamp(warn_at or moment - SOON)}"'
    return SafeString(f'<span class="due{tone}" title="{title}"{marks}>{escaped(text)}</span>')


@register.simple_tag
def now_stamp() -> int:
    """The present moment as the server knows it, for the clocks that count in the browser."""
    return _stamp(clock.now())


@register.simple_tag
def duration_words() -> str:
    """The sentences of ``due`` and ``duration`` as JSON, for the clocks that count in the browser."""
    words = {
        "left": _("%(length)s left"),
        "over": _("%(length)s over"),
        "days_hours": _("%(days)d d %(hours)d h"),
        "days": _("%(days)d d"),
        "hours_minutes": _("%(hours)d h %(minutes)d min"),
        "hours": _("%(hours)d h"),
        "minutes": _("%(minutes)d min"),
    }
    return json.dumps(words, ensure_ascii=False)


@register.filter
def duration(length: timedelta | float | None) -> str:
    """A length of time (timedelta or seconds) as people read it."""
    if length is None or length == "":
        return "—"
    return duration_text(length if isinstance(length, timedelta) else timedelta(seconds=float(length)))


@register.filter
def counted(length: timedelta | None, in_working_time: bool) -> str:
    """What a clock counts: working time stays in hours, as no working day has twenty-four of them."""
    if length is None or not in_working_time:
        return duration(length)
    minutes = max(int(length.total_seconds()) // 60, 0)
    hours, minutes = divmod(minutes, 60)
    if hours and minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(hours)d h") % {"hours": hours} if hours else _("%(minutes)d min") % {"minutes": minutes}
