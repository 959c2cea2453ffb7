"""Reads of the filters people keep. Stands beside ``queries``."""

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.query import prefetch_related_objects

from onepoint.accounts.models import User
from onepoint.core import stamped
from onepoint.core.tables import capped_count
from onepoint.tickets.models import FirstFilter, SavedFilter, TicketQuerySet

#: A figure beside a filter says "99+" past this.
COUNT_CAP = 99


def filters_of(user: User) -> QuerySet[SavedFilter]:
    """The filters a person may use, own ones and shared ones, each with ``is_first``."""
    first = Exists(FirstFilter.objects.filter(user=user, saved_filter=OuterRef("pk")))
    usable = SavedFilter.objects.usable_by(user).annotate(is_first=first)  # type: ignore[no-redef]
    return usable.select_related("owner").order_by("name", "pk")


def filters_to_show(user: User) -> list[SavedFilter]:
    """The same, for the tabs of the list; nobody may change them."""
    return stamped.kept("access lists", ("saved filters", user.pk, user.unit_id), lambda: list(filters_of(user)))


def find_filter(pk: int, *, usable_by: User) -> SavedFilter | None:
    return filters_of(usable_by).filter(pk=pk).first()


def with_sharing(filters: list[SavedFilter]) -> list[SavedFilter]:
    """The filters with units, roles and people they are shared with: three queries."""
    prefetch_related_objects(filters, "units", "roles", "people")
    return filters


def figure_of(tickets: TicketQuerySet) -> str:
    """How many tickets there are, as it is shown: "12", "99+", or "…" where counting would take too long."""
    count = capped_count(tickets, COUNT_CAP)
    if count is None:
        return "…"
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)
