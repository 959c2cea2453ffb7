"""Reads of delegations: who is away, who stands in for whom."""

from datetime import datetime

from django.db.models import Q, QuerySet

from onepoint.accounts.models import Delegation, User
from onepoint.accounts.queries.keys import delegated_keys
from onepoint.accounts.scope import scope_of
from onepoint.core import clock


def _with_all(delegations: QuerySet[Delegation]) -> QuerySet[Delegation]:
    return delegations.select_related("absentee", "deputy").prefetch_related("roles")


def delegations_of(person: User) -> QuerySet[Delegation]:
    """What a person left or leaves to deputies, the latest first."""
    return _with_all(person.delegations.order_by("-starts_at", "-pk"))


def standing_deputyships_of(person: User) -> QuerySet[Delegation]:
    """For whom a person stands in or will."""
    return _with_all(Delegation.objects.standing(clock.now()).filter(deputy=person)).order_by("starts_at", "pk")


def standing_delegations(*, visible_to: User) -> QuerySet[Delegation]:
    """Delegations in force or to come of people in the reader's scope of ``organisation.view``."""
    scope = scope_of(visible_to, "organisation.view")
    absentee = scope.by_unit_and_region("absentee__unit", "absentee__unit__region", "absentee")
    deputy = scope.by_unit_and_region("deputy__unit", "deputy__unit__region", "deputy")
    return _with_all(Delegation.objects.standing(clock.now()).filter(absentee | deputy))


def delegations_during(starts_at: datetime, ends_at: datetime) -> list[Delegation]:
    """Everything that overlaps a time, for finding loops."""
    overlapping = Q(starts_at__lt=ends_at, ends_at__gt=starts_at, ended_at=None)
    return list(Delegation.objects.filter(overlapping))


def people_stood_in_for(user: User) -> list[User]:
    """Everybody in whose name a person may act now; one query when there is somebody."""
    ids = list(delegated_keys(user))
    return list(User.objects.filter(pk__in=ids).order_by("name_key")) if ids else []
