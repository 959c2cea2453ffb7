"""Writes about logging in: passwords, lock-out, sessions."""

from typing import Any

from allauth.usersessions.models import UserSession
from axes.utils import reset as reset_attempts
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import policies, signals
from onepoint.accounts.models import LoginPolicy, PasswordRecord, User
from onepoint.accounts.passwords import HISTORY_LENGTH
from onepoint.accounts.queries import login_policy
from onepoint.accounts.services.recording import journal
from onepoint.core import clock, live
from onepoint.core.errors import InvalidInput, require


def store_password(person: User, password: str, *, field: str) -> None:
    """Check the password against all rules, save the person with it and keep it in the history.

    Raises InvalidInput with the broken rules under ``field``.
    """
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise InvalidInput({field: " ".join(error.messages)}) from error
    person.set_password(password)
    person.password_set_at = clock.now()
    person.save()
    PasswordRecord.objects.create(user=person, password=person.password, set_at=person.password_set_at)
    kept = person.password_records.order_by("-set_at", "-pk").values_list("pk", flat=True)[:HISTORY_LENGTH]
    person.password_records.exclude(pk__in=list(kept)).delete()


@transaction.atomic
def change_own_password(person: User, *, old: str, new: str, by: User, session_key: str | None = None) -> User:
    """A person replaces his password; all his sessions but ``session_key`` end.

    Raises InvalidInput under ``old`` or ``new``.
    """
    if by.pk != person.pk:
        raise policies.NotPermitted
    if not person.check_password(old):
        raise InvalidInput({"old": _("This is not your present password.")})
    person.must_change_password = False
    store_password(person, new, field="new")
    end_all_sessions(person, keep=session_key)
    journal("person.password_changed", person, by=by)
    return person


@transaction.atomic
def reset_password(person: User, *, password: str, by: User | None) -> User:
    """Give a person a first password again, to be changed at the next login; sessions and a lock-out end."""
    require(policies.why_not_reset_password(person, by))
    person.must_change_password = True
    store_password(person, password, field="password")
    end_all_sessions(person)
    reset_attempts(username=lock_out_name(person.username))
    journal("person.password_reset", person, by=by)
    return person


def lock_out_name(username: str | None) -> str:
    """The name failed logins are counted under, whatever the case and spaces typed."""
    return (username or "").strip().lower()[:255]


@transaction.atomic
def lift_lock_out(person: User, *, by: User | None) -> int:
    """Let a person try again at once after too many failed logins; returns how many records were dropped."""
    require(policies.why_not_change_person(person, by))
    dropped = reset_attempts(username=lock_out_name(person.username))
    journal("person.lock_out_lifted", person, by=by)
    return dropped


def end_all_sessions(person: User, keep: str | None = None) -> int:
    """Drop a person's sessions (but ``keep``) in the database, so that the next request needs a login."""
    sessions = UserSession.objects.filter(user=person).exclude(session_key=keep or "")
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.delete()
    if keys:
        _announce_end(person)
    return len(keys)


def _announce_end(person: User) -> None:
    """Tell the others, and let open event streams look whether their session still lives."""
    signals.sessions_ended.send(sender=User, person=person)
    live.publish([f"P{person.pk}"], "access")


@transaction.atomic
def end_session(session: UserSession, *, by: User | None) -> None:
    """End one session of one's own, or of somebody one looks after."""
    require(policies.why_not_end_sessions(session.user, by))
    Session.objects.filter(session_key=session.session_key).delete()
    UserSession.objects.filter(pk=session.pk).delete()
    journal("person.session_ended", session.user, by=by, address=session.ip)
    _announce_end(session.user)


@transaction.atomic
def end_other_sessions(person: User, *, keep: str | None, by: User) -> int:
    """End all one's own sessions but the present one."""
    return _end_and_journal(person, keep, by)


@transaction.atomic
def end_sessions_of(person: User, *, by: User | None) -> int:
    """End all sessions of somebody one looks after."""
    return _end_and_journal(person, None, by)


def _end_and_journal(person: User, keep: str | None, by: User | None) -> int:
    require(policies.why_not_end_sessions(person, by))
    count = end_all_sessions(person, keep=keep)
    if count:
        journal("person.sessions_ended", person, by=by, sessions=count)
    return count


@transaction.atomic
def note_login(person: User, *, session_key: str | None, by: User) -> None:
    """After a login: journal it, demand a new password when the present one is too old, end other sessions by policy."""
    policy = login_policy()
    if policy.one_session_only:
        end_all_sessions(person, keep=session_key)
    if is_password_too_old(person, policy) and not person.must_change_password:
        person.must_change_password = True
        person.save(update_fields=["must_change_password"])
    journal("person.logged_in", person, by=by)


def is_password_too_old(person: User, policy: LoginPolicy) -> bool:
    """Whether the password is older than the policy's days; one of unknown age counts as old."""
    if not policy.password_days:
        return False
    return person.password_set_at is None or (clock.now() - person.password_set_at).days >= policy.password_days


@transaction.atomic
def note_logout(person: User, *, session_key: str | None, by: User) -> None:
    """Journal a logout and drop the session; pages that still listen with it are sent away at once."""
    UserSession.objects.filter(session_key=session_key or "", user=person).delete()
    Session.objects.filter(session_key=session_key or "").delete()
    journal("person.logged_out", person, by=by)
    _announce_end(person)


def note_lock_out(username: str, *, by: None = None) -> None:
    """Journal that an account was locked after failed logins; nothing for a staff number nobody has."""
    person = User.objects.filter(username__iexact=lock_out_name(username)).first()
    if person is not None:
        journal("person.locked_out", person, by=by)


def note_activity(session_key: str, *, address: str | None, by: User) -> None:
    """Keep when and from where a session was last used, for the list of sessions."""
    values: dict[str, Any] = {"last_seen_at": clock.now()}
    if address:
        values["ip"] = address
    UserSession.objects.filter(session_key=session_key, user=by).update(**values)


def replace_session_key(old: str | None, new: str | None, *, by: User) -> None:
    """The session got a new key (after a change of password): the list of sessions follows."""
    if old and new and old != new:
        UserSession.objects.filter(session_key=old, user=by).update(session_key=new)
