"""Reads about due moments."""

from django.db.models import QuerySet

from onepoint.core import clock
from onepoint.sla.models import DueMoment
from onepoint.sla.states import MomentStatus


def parked_moments() -> QuerySet[DueMoment]:
    """What failed three times and waits for a person."""
    return DueMoment.objects.filter(status=MomentStatus.PARKED)


def find_parked_moment(pk: int) -> DueMoment | None:
    return parked_moments().filter(pk=pk).first()


def late_moments() -> int:
    """How many should have happened by now and have not."""
    return DueMoment.objects.filter(status=MomentStatus.WAITING, due_at__lt=clock.now()).count()
