"""News from the login libraries becomes rows of the journal and marks in the session."""

from typing import Any

from allauth.account.signals import user_logged_in
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from onepoint.accounts import queries, services
from onepoint.accounts.models import User
from onepoint.accounts.sessions import SECOND_FACTOR_DUE
from onepoint.core import clock


@receiver(user_logged_in, dispatch_uid="accounts.note_login")
def begin_session(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The middleware measures idle time and the length of the session from these marks."""
    request.session["began_at"] = request.session["seen_at"] = clock.now().timestamp()
    if queries.lacks_second_factor(user):
        request.session[SECOND_FACTOR_DUE] = True
    services.note_login(user, session_key=request.session.session_key, by=user)


@receiver(user_logged_out, dispatch_uid="accounts.note_logout")
def end_session(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None and user.is_authenticated:
        services.note_logout(user, session_key=request.session.session_key, by=user)


@receiver(user_locked_out, dispatch_uid="accounts.note_lock_out")
def note_lock_out(request: HttpRequest, username: str | None = None, **kwargs: Any) -> None:
    # Attempts during the lock-out are announced too, but not counted: only the one that closed the door is journaled.
    if username and getattr(request, "axes_failures_since_start", None):
        services.note_lock_out(username)
