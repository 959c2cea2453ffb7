"""What measures are grouped and narrowed by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Region, TreeNode, User
from onepoint.channels.states import Channel
from onepoint.core import stamped
from onepoint.customers.models import CustomerLevel
from onepoint.tickets.models import Category, Severity
from onepoint.tickets.states import TicketKind

#: In a filter: exactly this node, without those below it.
EXACTLY = "!"
#: In a filter: what has none.
NONE = "0"


@dataclass(frozen=True)
class Dimension:
    """One way to group: by a tree, by rows of a table, or by choices."""

    key: str
    label: str | Promise
    model: Any = None
    choices: Any = None
    topic: str = ""  # of the tree's stamp

    @property
    def is_tree(self) -> bool:
        return self.model is not None and issubclass(self.model, TreeNode)

    @property
    def column(self) -> str:
        return f"{self.key}_id" if self.model is not None else self.key

    def paths(self) -> dict[int, str]:
        """The paths of a tree by id; kept between requests."""
        model = self.model
        return stamped.kept(
            self.topic, ("paths", model.__name__), lambda: dict(model.objects.values_list("pk", "path"))
        )

    def labels(self, keys: set[Any]) -> dict[Any, str]:
        """How these are called in the language being shown; one query where they are rows."""
        if self.model is None:
            return {key: str(self.choices(key).label) for key in keys if key in self.choices.values}
        rows = self.model._default_manager.filter(pk__in=keys)
        return {row.pk: row.label for row in rows}

    def label_of(self, key: Any, labels: dict[Any, str]) -> str:
        return labels.get(key) or (gettext("not stated") if key in (None, "") else f"#{key}")

    def condition(self, wanted: str) -> Q | None:
        """What a filter asks for: a node and all below it, exactly one, or none; None for what cannot be read."""
        if self.model is None:
            return Q(**{self.key: "" if wanted == NONE else wanted})
        if wanted == NONE:
            return Q(**{f"{self.column}__isnull": True})
        number = wanted.removesuffix(EXACTLY)
        if not number.isascii() or not number.isdigit() or len(number) > 12:
            return None
        if not self.is_tree or wanted.endswith(EXACTLY):
            return Q(**{self.column: int(number)})
        path = self.paths().get(int(number))
        below = [pk for pk, other in self.paths().items() if path and other.startswith(path)]
        return Q(**{f"{self.column}__in": below})


_ALL = (
    Dimension("unit", _("Unit whose work it was"), OrgUnit, topic="access"),
    Dimension("person", _("Person"), User),
    Dimension("category", _("Category"), Category, topic="terms"),
    Dimension("channel", _("Channel"), choices=Channel),
    Dimension("region", _("Region"), Region, topic="terms"),
    Dimension("severity", _("Severity"), Severity),
    Dimension("level", _("Customer level"), CustomerLevel),
    Dimension("kind", _("Kind of ticket"), choices=TicketKind),
    Dimension("home", _("Unit that took it"), OrgUnit, topic="access"),
)
DIMENSIONS: dict[str, Dimension] = {dimension.key: dimension for dimension in _ALL}

#: From leaf to the row it belongs to.
Grouping = Callable[[Any], Any]
