"""Reads about who saw personal data."""

from datetime import date

from django.db.models import Q, QuerySet

from onepoint.accounts.models import PersonalDataReading, PrivacyPolicy, Unmasking, User
from onepoint.accounts.queries.staff import matching
from onepoint.accounts.scope import scope_of
from onepoint.core import clock


def privacy_policy() -> PrivacyPolicy:
    """The house's rules for personal data; the defaults until somebody changed them."""
    return PrivacyPolicy.objects.filter(pk=1).first() or PrivacyPolicy(pk=1)


def unmaskings_today(person: User) -> int:
    """How many values a person has uncovered since midnight (house time zone)."""
    return Unmasking.objects.filter(user=person, at__gte=clock.day_start(clock.today())).count()


def unmaskings(
    *,
    visible_to: User,
    person: str = "",
    group: str = "",
    reason: str = "",
    about: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Unmasking]:
    """Who uncovered what, of people in the reader's scope of ``personal_data.audit``; ``until`` included."""
    found = _of_people(Unmasking.objects.all(), visible_to, person, since, until)
    for name, value in (("group", group), ("reason", reason), ("subject_number__istartswith", about.strip())):
        if value:
            found = found.filter(**{name: value})
    return found.select_related("user__unit")


def readings(
    *, visible_to: User, person: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[PersonalDataReading]:
    """Who opened pages with personal data in full, of people in the reader's scope of ``personal_data.audit``."""
    return _of_people(PersonalDataReading.objects.all(), visible_to, person, since, until).select_related("user__unit")


def _of_people(found: QuerySet, visible_to: User, person: str, since: date | None, until: date | None) -> QuerySet:
    scope = scope_of(visible_to, "personal_data.audit")
    if not scope.everything:
        found = found.filter(scope.by_unit_and_region(unit="user__unit", region="user__unit__region"))
    if person.strip():
        found = found.filter(user__in=User.objects.filter(matching(person)).values("pk"))
    if since:
        found = found.filter(at__gte=clock.day_start(since))
    if until and until < date.max:
        found = found.filter(Q(at__lt=clock.day_end(until)))
    return found
