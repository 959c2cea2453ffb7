"""A FEEL condition in plain words, for people who check what they have put together."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onepoint.core.explaining import explain_feel_error
from onepoint.core.feel import FeelError, FeelSyntaxError, compile_expression
from onepoint.core.feel import nodes as feel
from onepoint.core.feel.builtins import BUILTINS
from onepoint.core.feel.lexer import KnownNames
from onepoint.core.feel.parser import parse_expression

Words = Mapping[str, str]


class NotSayable(Exception):
    """The expression is too intricate to be put in words."""


def explain_expression(text: str, words: Words) -> dict[str, Any]:
    """``{"error"}`` where it is no expression, else ``{"names", "wording"}``; the wording is empty where there is none.

    ``words``: labels of names and, under ``name=value``, of values.
    """
    source = text.strip()
    source = source[1:].strip() if source.startswith("=") and not source.startswith("==") else source
    if not source:
        return {"error": _("Write a condition.")}
    try:
        expression = compile_expression(source)
    except FeelSyntaxError as error:
        return {"error": explain_feel_error(error)}
    except FeelError as error:
        return {"error": str(error)}
    try:
        wording = say(parse_expression(source, KnownNames(list(BUILTINS))), words)
    except (NotSayable, FeelError, RecursionError):
        wording = ""
    return {"names": sorted(expression.free_names), "wording": wording}


def say(node: feel.Node, words: Words) -> str:
    """The sentence of one node. Raises NotSayable."""
    teller = _TELLERS.get(type(node))
    if teller is None:
        raise NotSayable
    return teller(node, words)


def _say_value(node: feel.Node, words: Words, about: feel.Node | None = None) -> str:
    """A value; where it is compared with a name, as the label of that name's value."""
    if isinstance(node, feel.Literal) and isinstance(about, feel.Name) and isinstance(node.value, str):
        return "“" + words.get(f"{about.name}={node.value}", node.value) + "”"
    return say(node, words)


def _literal(node: Any, words: Words) -> str:
    value = node.value
    if value is None:
        return _("nothing")
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, str):
        return f"“{value}”"
    if isinstance(value, int | Decimal):
        return str(value)
    raise NotSayable


def _name(node: Any, words: Words) -> str:
    return words.get(node.name, node.name)


def _logic(node: Any, words: Words) -> str:
    parts = [f"({say(part, words)})" if isinstance(part, feel.Logic) else say(part, words) for part in node.operands]
    return (_(" and ") if node.operator == "and" else _(" or ")).join(parts)


def _compare(node: Any, words: Words) -> str:
    left, right = say(node.left, words), _say_value(node.right, words, node.left)
    is_null = isinstance(node.right, feel.Literal) and node.right.value is None
    sentences = {
        "=": _("%(left)s is empty") if is_null else _("%(left)s is %(right)s"),
        "!=": _("%(left)s is filled") if is_null else _("%(left)s is not %(right)s"),
        "<": _("%(left)s is less than %(right)s"),
        "<=": _("%(left)s is at most %(right)s"),
        ">": _("%(left)s is more than %(right)s"),
        ">=": _("%(left)s is at least %(right)s"),
    }
    return sentences[node.operator] % {"left": left, "right": right}


def _between(node: Any, words: Words) -> str:
    facts = {"value": say(node.value, words), "low": say(node.low, words), "high": say(node.high, words)}
    return _("%(value)s is from %(low)s to %(high)s") % facts


def _one_of(node: Any, words: Words) -> str:
    members: list[feel.Node] = []
    for test in node.tests:
        members += test.items if isinstance(test, feel.ListOf) else (test,)
    shown = ", ".join(_say_value(member, words, node.value) for member in members)
    return _("%(value)s is one of %(members)s") % {"value": say(node.value, words), "members": shown}


def _call(node: Any, words: Words) -> str:
    if isinstance(node.callee, feel.Name) and node.callee.name == "not" and len(node.positional) == 1:
        return _("not: %s") % say(node.positional[0], words)
    if isinstance(node.callee, feel.Name) and node.callee.name == "count" and len(node.positional) == 1:
        return _("the number of %s") % say(node.positional[0], words)
    raise NotSayable


_TELLERS: dict[type, Callable[[Any, Words], str]] = {
    feel.Literal: _literal,
    feel.Name: _name,
    feel.Logic: _logic,
    feel.Compare: _compare,
    feel.Between: _between,
    feel.In: _one_of,
    feel.Call: _call,
}
