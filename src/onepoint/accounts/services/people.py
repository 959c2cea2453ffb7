"""Writes of people: who they are, which posts they hold, whether they may log in."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import policies, signals
from onepoint.accounts.models import Appointment, InterfacePerson, OrgUnit, Position, User
from onepoint.accounts.services.login_policy import keeping_administrators_apart
from onepoint.accounts.services.logins import end_all_sessions, store_password
from onepoint.accounts.services.recording import (
    announce_access,
    apply_changes,
    cleaned,
    journal,
    require_code,
    require_texts,
)
from onepoint.accounts.services.roles import keeping_an_administrator
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import pinyin_key

_CHANGEABLE = frozenset({"name", "name_en", "email", "phone", "unit", "language", "name_key"})
_OWN = frozenset({"name_en", "email", "phone", "language"})


@transaction.atomic
def create_person(
    *,
    username: str,
    name: str,
    unit: OrgUnit,
    password: str | None,
    by: User | None,
    name_en: str = "",
    email: str = "",
    phone: str = "",
    language: str = "zh-hans",
    must_change_password: bool = True,
) -> User:
    """Add a person who may log in with the staff number ``username``; without a password only after one was set.

    Raises InvalidInput for a used or unusable staff number, a weak password or an unknown language.
    """
    require(policies.why_not_create_person(unit, by))
    require_texts(name=name)
    texts = cleaned({"username": username, "name": name, "name_en": name_en, "email": email, "phone": phone})
    _require_staff_number(texts["username"])
    _require_language(language)
    person = User(
        **texts,
        unit=unit,
        language=language,
        name_key=pinyin_key(texts["name"]),
        must_change_password=must_change_password,
        created_at=clock.now(),
    )
    if password is None:
        person.set_unusable_password()
        person.save()
    else:
        store_password(person, password, field="password")
    journal("person.created", person, by=by, username=person.username, name=person.name, unit=unit.code)
    announce_access(person)
    return person


def _require_staff_number(username: str) -> None:
    require_code("username", username)
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidInput({"username": _("This staff number is already used.")})


def _require_language(language: str) -> None:
    if language not in dict(settings.LANGUAGES):
        raise InvalidInput({"language": _("Unknown language.")})


@transaction.atomic
def change_person(person: User, *, by: User | None, **values: Any) -> User:
    """Change name, name_en, email, phone, unit or language; the staff number stays for ever."""
    require(policies.why_not_change_person(person, by))
    if "name" in values:
        require_texts(name=values["name"])
        values["name_key"] = pinyin_key(cleaned(values)["name"])
    if "unit" in values:
        require(policies.why_not_create_person(values["unit"], by))
    if "language" in values:
        _require_language(values["language"])
    _save_changes(person, values, _CHANGEABLE, by)
    return person


@transaction.atomic
def change_own_profile(person: User, *, by: User, **values: Any) -> User:
    """What everybody may change of himself: name_en, email, phone, language."""
    if by.pk != person.pk:
        raise policies.NotPermitted
    if "language" in values:
        _require_language(values["language"])
    _save_changes(person, values, _OWN, by)
    return person


def _save_changes(person: User, values: dict[str, Any], allowed: frozenset[str], by: User | None) -> None:
    changes = apply_changes(person, values, allowed)
    changes.pop("name_key", None)
    if changes:
        journal("person.changed", person, by=by, changes=changes)
    if "unit" in changes:
        announce_access(person)


def set_language(person: User, language: str, *, by: User) -> User:
    """Remember the language a person reads. Raises InvalidInput for an unknown one."""
    return change_own_profile(person, by=by, language=language)


@transaction.atomic
def deactivate_person(person: User, *, by: User | None) -> User:
    """Lock a person out at once: no login, all sessions ended, no interface person any more; history stays."""
    person.refresh_from_db(fields=["is_active"])
    require(policies.why_not_deactivate_person(person, by))
    with keeping_an_administrator():
        person.is_active = False
        person.save(update_fields=["is_active"])
    posts = InterfacePerson.objects.filter(user=person).select_related("unit")
    left = [post.unit.code for post in posts]
    posts.delete()
    end_all_sessions(person)
    journal("person.deactivated", person, by=by, interface_of=left)
    announce_access(person)
    signals.person_deactivated.send(sender=User, person=person, by=by)
    return person


@transaction.atomic
def reactivate_person(person: User, *, by: User | None) -> User:
    """Let a person log in again, with the roles still granted."""
    person.refresh_from_db(fields=["is_active"])
    require(policies.why_not_reactivate_person(person, by))
    with keeping_administrators_apart():
        person.is_active = True
        person.save(update_fields=["is_active"])
    journal("person.reactivated", person, by=by)
    announce_access(person)
    return person


@transaction.atomic
def appoint_person(
    person: User,
    *,
    position: Position,
    by: User | None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_primary: bool = False,
) -> Appointment:
    """Give a person a post, from and until a day if given; the first one of a person is his first post by itself.

    Doing it twice changes nothing; a time that overlaps the same post raises InvalidInput.
    """
    User.objects.select_for_update().get(pk=person.pk)  # two appointments of one person must not both be the first
    require(policies.why_not_appoint(person, position, by))
    if valid_from and valid_to and valid_to < valid_from:
        raise InvalidInput({"valid_to": _("The end lies before the beginning.")})
    held = list(person.appointments.filter(position=position))
    same = [post for post in held if (post.valid_from, post.valid_to) == (valid_from, valid_to)]
    if same:
        return same[0]
    if any(_overlaps(post, valid_from, valid_to) for post in held):
        raise InvalidInput({"position": _("The person holds this post during that time already.")})
    first = is_primary or not person.appointments.filter(is_primary=True).exists()
    if first:
        person.appointments.filter(is_primary=True).update(is_primary=False)
    appointment = Appointment.objects.create(
        user=person, position=position, valid_from=valid_from, valid_to=valid_to, is_primary=first
    )
    journal("person.appointed", person, by=by, **_post_facts(appointment))
    announce_access(person)
    return appointment


def _overlaps(post: Appointment, since: date | None, until: date | None) -> bool:
    begins = post.valid_from is None or until is None or post.valid_from <= until
    return begins and (post.valid_to is None or since is None or post.valid_to >= since)


def _post_facts(appointment: Appointment) -> dict[str, Any]:
    dates = {name: getattr(appointment, name) for name in ("valid_from", "valid_to")}
    return {
        "position": appointment.position.name,
        "unit": appointment.position.unit.code,
        **{name: day.isoformat() for name, day in dates.items() if day},
    }


@transaction.atomic
def choose_first_post(appointment: Appointment, *, by: User | None) -> Appointment:
    """Make a post the one a person is shown with."""
    person = User.objects.select_for_update().get(pk=appointment.user_id)
    require(policies.why_not_change_person(person, by))
    if not appointment.is_primary:
        person.appointments.filter(is_primary=True).update(is_primary=False)
        appointment.is_primary = True
        appointment.save(update_fields=["is_primary"])
        journal("person.first_post_chosen", person, by=by, **_post_facts(appointment))
    return appointment


@transaction.atomic
def end_appointment(appointment: Appointment, *, by: User | None, last_day: date | None = None) -> None:
    """Take a post from a person: today, or with ``last_day`` (which still counts). One not begun goes without trace."""
    require(policies.why_not_change_person(appointment.user, by))
    yesterday = clock.today() - timedelta(days=1)
    until = last_day or yesterday
    if appointment.valid_from and until < appointment.valid_from:
        Appointment.objects.filter(pk=appointment.pk).delete()
    else:
        appointment.valid_to = until
        appointment.is_primary = appointment.is_primary and until > yesterday
        appointment.save(update_fields=["valid_to", "is_primary"])
    journal("person.appointment_ended", appointment.user, by=by, **_post_facts(appointment))
    announce_access(appointment.user)
