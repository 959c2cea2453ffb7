"""Reads of the attention list."""

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock, stamped
from onepoint.customers.models import AttentionEntry, Customer
from onepoint.customers.queries.records import matching

#: So many customers on the list are kept by each process, to know without a query that most are not on it.
MOST_KEPT = 20_000


def attention_visible_to(user: User) -> QuerySet[AttentionEntry]:
    """Entries about customers within the person's scope."""
    condition = scope_of(user, "attention.view").by_unit_and_region(
        unit="customer__unit", region="customer__region", person="customer__created_by"
    )
    return AttentionEntry.objects.filter(condition).select_related("customer__region", "created_by", "removed_by")


def filtered_attention(
    *, visible_to: User, kind: str = "", state: str = "in_force", text: str = ""
) -> QuerySet[AttentionEntry]:
    """Entries of the list page: ``in_force`` today, ``coming``, ``past``, or ``all``."""
    found, today = attention_visible_to(visible_to), clock.today()
    if state == "in_force":
        found = found.filter(pk__in=AttentionEntry.objects.in_force().values("pk"))
    elif state == "coming":
        found = found.filter(removed_at__isnull=True, starts_on__gt=today)
    elif state == "past":
        found = found.exclude(pk__in=AttentionEntry.objects.in_force().values("pk")).filter(starts_on__lte=today)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(customer__in=Customer.objects.filter(matching(text)).order_by()) if text.strip() else found


def attention_of(customer: Customer, *, visible_to: User) -> list[AttentionEntry]:
    """What the person may know to look out for today; one query, none without the permission or about most customers."""
    scope = scope_of(visible_to, "attention.view")
    # Nobody meets a customer without reading the warning because the record belongs to another city.
    if not scope.has_permission:
        return []
    known = stamped.kept("attention", "customers", _customers_on_the_list)
    if known is not None and customer.pk not in known:
        return []
    return list(AttentionEntry.objects.in_force().filter(customer=customer).order_by("-pk"))


def attention_kinds_of(customer: Customer) -> set[str]:
    """For what the customer is on the list today, for the house itself: no scope; no query about most customers."""
    known = stamped.kept_or_none("attention", "customers", _customers_on_the_list)
    if known is not None and customer.pk not in known:
        return set()
    return set(AttentionEntry.objects.in_force().filter(customer=customer).values_list("kind", flat=True))


def _customers_on_the_list() -> frozenset[int] | None:
    """Whoever has an entry that was not removed, whatever its dates; None where these are too many to be kept."""
    standing = AttentionEntry.objects.filter(removed_at__isnull=True).order_by()
    ids = standing.values_list("customer_id", flat=True).distinct()[: MOST_KEPT + 1]
    found = frozenset(ids)
    return found if len(found) <= MOST_KEPT else None


def find_attention(entry_id: int, *, visible_to: User) -> AttentionEntry | None:
    return attention_visible_to(visible_to).filter(pk=entry_id).first()
