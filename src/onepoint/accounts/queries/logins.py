"""Reads about logging in: the policy, sessions, lock-outs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from onepoint.accounts.devices import device_of
from onepoint.accounts.models import User
from onepoint.accounts.queries.login_policy import login_policy
from onepoint.core import clock

#: The mark of activity is written at most this often, so that most requests write nothing.
ACTIVITY_SECONDS = 60


def idle_seconds(session: Mapping[str, Any]) -> float:
    """How long nobody has used a session; 0 without the mark that a login sets."""
    return float(clock.now().timestamp() - session["seen_at"]) if "seen_at" in session else 0.0


def is_session_over(session: Mapping[str, Any]) -> bool:
    """Whether a session was idle too long or is older than ``SESSION_COOKIE_AGE``; the policy is asked after a minute."""
    idle = idle_seconds(session)
    if idle < ACTIVITY_SECONDS:
        return False
    too_old = clock.now().timestamp() - session.get("began_at", 0) > settings.SESSION_COOKIE_AGE
    return too_old or idle > login_policy().idle_minutes * 60


def session_list(person: User) -> list[UserSession]:
    """A person's living sessions, each with its ``device`` in words."""
    sessions = list(sessions_of(person))
    for session in sessions:
        session.device = device_of(session.user_agent)
    return sessions


def sessions_of(person: User) -> QuerySet[UserSession]:
    """A person's living sessions, the last used first."""
    # Sessions expire by the real clock: cookies know no pinned moment.
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return (
        UserSession.objects.filter(user=person, session_key__in=alive).select_related("user").order_by("-last_seen_at")
    )


def locked_until(person: User) -> object | None:
    """Until when failed logins keep a person out, or None."""
    length = timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(
        username=person.username.lower(), attempt_time__gte=timezone.now() - length
    ).aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    if (attempts["failures"] or 0) < settings.AXES_FAILURE_LIMIT:
        return None
    return attempts["last"] + length
