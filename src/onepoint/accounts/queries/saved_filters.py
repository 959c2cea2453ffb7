"""Reads of the filters people keep of a list."""

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.query import prefetch_related_objects

from onepoint.accounts.models import FirstFilter, SavedFilter, User
from onepoint.core import stamped


def filters_of(user: User, list_code: str = "") -> QuerySet[SavedFilter]:
    """The filters a person may use, own ones and shared ones, each with ``is_first``; of one list or of all."""
    first = Exists(FirstFilter.objects.filter(user=user, saved_filter=OuterRef("pk")))
    usable = SavedFilter.objects.usable_by(user).annotate(is_first=first)  # type: ignore[no-redef]
    of_list = usable.filter(list_code=list_code) if list_code else usable
    return of_list.select_related("owner").order_by("name", "pk")


def filters_to_show(user: User, list_code: str) -> list[SavedFilter]:
    """The same, for the tabs of the list; nobody may change them."""
    key = ("saved filters", list_code, user.pk, user.unit_id)
    return stamped.kept("access lists", key, lambda: list(filters_of(user, list_code)))


def find_filter(pk: int, *, usable_by: User) -> SavedFilter | None:
    return filters_of(usable_by).filter(pk=pk).first()


def with_sharing(filters: list[SavedFilter]) -> list[SavedFilter]:
    """The filters with units, roles and people they are shared with: three queries."""
    prefetch_related_objects(filters, "units", "roles", "people")
    return filters
