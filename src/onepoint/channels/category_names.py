"""What the codes of categories are called: the tree stands in a capability above, which registers how it reads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class CategoryTree:
    """``names``: code → the path as people read it. ``below``: a code with those of everything under it.

    ``choices``: code and label of every category in use, parents before children.
    """

    names: Callable[[Iterable[str]], dict[str, str]]
    below: Callable[[str], list[str]]
    choices: Callable[[], list[tuple[str, str]]]
    kinds: Callable[[], list[tuple[str, str]]] = list  # of tickets, code and label


_tree: list[CategoryTree] = []


def register_tree(tree: CategoryTree) -> None:
    """The later one is kept."""
    _tree[:] = [tree]


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """What these codes are called; one that nobody knows is called by itself."""
    wanted = {code for code in codes if code}
    known = _tree[0].names(wanted) if _tree and wanted else {}
    return {code: known.get(code, code) for code in wanted}


def codes_below(code: str) -> list[str]:
    """The code with those of everything under it."""
    return _tree[0].below(code) if _tree else [code]


def choices() -> list[tuple[str, str]]:
    """Code and label of every category in use, parents before children."""
    return _tree[0].choices() if _tree else []


def kinds() -> list[tuple[str, str]]:
    """Code and label of every kind of ticket."""
    return _tree[0].kinds() if _tree else []
