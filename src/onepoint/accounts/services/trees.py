"""Both trees are kept alike: a materialised path ending in the node's own id, and the order of siblings."""

from typing import TypeVar

from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from onepoint.accounts.models import TreeNode

N = TypeVar("N", bound=TreeNode)
#: Any number, the same everywhere: changes of the trees wait for one another, so that two moves cannot make a circle.
_TREE_LOCK = 4_107_001


def lock_trees() -> None:
    """Until the transaction ends nobody else changes a tree; call before looking at paths."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def add_node(node: N) -> N:
    """Save a new node under its parent."""
    node.save()
    node.path = f"{node.parent.path if node.parent else '/'}{node.pk}/"
    node.save(update_fields=["path"])
    return node


def move_node(node: TreeNode, parent: TreeNode | None) -> int:
    """Hang a node with everything below it under ``parent``; returns how many paths were rewritten."""
    old_path, new_path = node.path, f"{parent.path if parent else '/'}{node.pk}/"
    moved = (
        type(node)
        .objects.filter(path__startswith=old_path)
        .update(path=Concat(Value(new_path), Substr("path", len(old_path) + 1)))
    )
    node.parent, node.path = parent, new_path
    node.save(update_fields=["parent"])
    return moved


def fresh(node: N) -> N:
    """The node as it stands now that the trees are locked."""
    node.refresh_from_db(fields=["path", "parent", "is_active"])
    return node
