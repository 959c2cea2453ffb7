"""Which green channel holds for a customer, a unit, a category and a channel. Asked at every intake, and by queues."""

from datetime import date
from time import monotonic

from django.db.models import QuerySet

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.policies import why_not_permitted
from onepoint.channels.green import Green, register_judge
from onepoint.core import clock
from onepoint.core.audit import entries_of
from onepoint.core.errors import BusinessError
from onepoint.core.models import AuditEntry
from onepoint.customers.models import Customer
from onepoint.customers.queries.attention import attention_kinds_of
from onepoint.tickets import queries
from onepoint.tickets.models import Category, GreenChannel

MANAGE = "green_channel.manage"
#: Rules change a few times a year: each process reads them anew this often. Who saves one knows it at once.
BELIEVED_SECONDS = 30.0
_kept: tuple[float, tuple[GreenChannel, ...]] = (0.0, ())


def forget_channels() -> None:
    """Read them anew the next time."""
    global _kept
    _kept = (0.0, ())


def _in_use() -> tuple[GreenChannel, ...]:
    global _kept
    until, rows = _kept
    if until < monotonic():
        rows = tuple(GreenChannel.objects.filter(is_active=True).select_related("unit", "category", "tag"))
        _kept = (monotonic() + BELIEVED_SECONDS, rows)
    return rows


def _holds_on(row: GreenChannel, day: date) -> bool:
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or row.valid_to >= day)


def _fits(
    row: GreenChannel, customer: Customer | None, unit: OrgUnit | None, category: Category | None, channel: str
) -> bool:
    """Everything but the attention list, which costs a query."""
    if row.levels and (customer is None or customer.level is None or customer.level.code not in row.levels):
        return False
    if row.unit and (unit is None or not unit.path.startswith(row.unit.path)):
        return False
    if row.category and (category is None or not category.path.startswith(row.category.path)):
        return False
    if row.attention_kinds and customer is None:
        return False
    return not row.channels or channel in row.channels


def find_green_channel(
    *, customer: Customer | None, unit: OrgUnit | None, category: Category | None, channel: str
) -> GreenChannel | None:
    """The one that counts: the highest priority, then the most conditions, then the older. No query where no rule could fit.

    One query where a rule that fits asks for the attention list.
    """
    day = clock.today()
    rows = [row for row in _in_use() if _holds_on(row, day) and _fits(row, customer, unit, category, channel)]
    asked = {kind for row in rows for kind in row.attention_kinds}
    if asked and customer:
        noted = attention_kinds_of(customer)
        rows = [row for row in rows if not row.attention_kinds or noted & set(row.attention_kinds)]
    return max(rows, key=lambda row: (row.priority, row.conditions, -row.pk), default=None)


def _judge(customer: Customer | None, unit: OrgUnit | None, category_code: str, channel: str) -> Green | None:
    if not _in_use():
        return None
    category = queries.category_by_code(category_code) if category_code else None
    row = find_green_channel(customer=customer, unit=unit, category=category, channel=channel)
    return Green(row.label, row.priority) if row else None


def register() -> None:
    """Called once by the AppConfig."""
    register_judge(_judge)


# --- administration ---------------------------------------------------------------------------------------------


def why_not_manage_green(by: User | None) -> BusinessError | None:
    """The permission ``green_channel.manage``."""
    return why_not_permitted(MANAGE, by)


def all_channels() -> QuerySet[GreenChannel]:
    return GreenChannel.objects.select_related("unit", "category", "tag")


def find_channel(pk: int) -> GreenChannel | None:
    return all_channels().filter(pk=pk).first()


def history_of(row: GreenChannel) -> list[AuditEntry]:
    return list(entries_of("green_channel", row.pk))
