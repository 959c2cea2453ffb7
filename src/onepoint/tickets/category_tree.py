"""How the categories of contacts read and hang together, for the journal that stands below and knows only their codes."""

from collections.abc import Iterable

from django.utils.translation import get_language

from onepoint.channels.category_names import CategoryTree, register_tree
from onepoint.core import stamped
from onepoint.tickets import queries
from onepoint.tickets.models import Category
from onepoint.tickets.states import TicketKind


def _paths() -> dict[str, tuple[str, str]]:
    """Code → label with those above it, and path; of all categories, whether in use or not."""

    def find() -> dict[str, tuple[str, str]]:
        nodes = {node.pk: node for node in Category.objects.only("name", "name_en", "path", "code")}
        return {
            node.code: (" / ".join(nodes[pk].label for pk in node.ancestor_ids if pk in nodes), node.path)
            for node in nodes.values()
        }

    return stamped.kept("terms", ("category codes", get_language()), find)


def names(codes: Iterable[str]) -> dict[str, str]:
    known = _paths()
    return {code: known[code][0] for code in codes if code in known}


def below(code: str) -> list[str]:
    known = _paths()
    if code not in known:
        return [code]
    top = known[code][1]
    return [other for other, (_name, path) in known.items() if path.startswith(top)]


def choices() -> list[tuple[str, str]]:
    def find() -> list[tuple[str, str]]:
        return [(node.code, "　" * node.depth + str(node.label)) for node in queries.categories()]

    return stamped.kept("terms", ("category choices", get_language()), find)


def register() -> None:
    register_tree(
        CategoryTree(names, below, choices, lambda: [(value, str(label)) for value, label in TicketKind.choices])
    )
