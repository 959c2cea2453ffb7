"""Text to syntax tree: the hand-written lexer feeds Lark's LALR parser, which builds our nodes as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError
from lark.lexer import Lexer as LarkLexer

from . import nodes
from .errors import FeelError, FeelSyntaxError
from .lexer import KnownNames, Lexer, Piece
from .nodes import Node, Type

_WORDS = ["or", "and", "between", "in", "if", "then", "else", "for", "return", "some", "every", "satisfies", "function"]
_TERMINALS: Final = {
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "**": "POWER",
    "->": "_ARROW",
    "(": "_LPAR",
    ")": "_RPAR",
    "[": "_LSQB",
    "]": "_RSQB",
    "{": "_LBRACE",
    "}": "_RBRACE",
    ",": "_COMMA",
    ":": "_COLON",
    ".": "_DOT",
    "..": "_DOTDOT",
    "instance of": "_INSTANCE_OF",
    "type >": "_GT",
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), "COMPARATOR"),
    **{word: f"_{word.upper()}" for word in _WORDS},
}


class _PieceLexer(LarkLexer):
    """Hands our pieces to Lark as its tokens."""

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, pieces: list[Piece]) -> Iterator[Token]:  # type: ignore[override]
        for piece in pieces:
            yield Token(_TERMINALS.get(piece.kind, piece.kind), piece.value, start_pos=piece.position)


def _position(token: Token) -> int:
    return token.start_pos or 0


class _Builder(Transformer[Token, Any]):
    """One method per rule of the grammar; children arrive built."""

    def start(self, children: list[Node]) -> Node:
        return children[0]

    def tests(self, children: list[Node]) -> nodes.Tests:
        return nodes.Tests(tuple(children))

    def any_of(self, children: list[Node]) -> Node:
        return nodes.Logic("or", tuple(children))

    def all_of(self, children: list[Node]) -> Node:
        return nodes.Logic("and", tuple(children))

    @v_args(inline=True)
    def compare(self, left: Node, operator: Token, right: Node) -> Node:
        return nodes.Compare(str(operator), left, right)

    @v_args(inline=True)
    def between(self, value: Node, low: Node, high: Node) -> Node:
        return nodes.Between(value, low, high)

    def in_test(self, children: list[Node]) -> Node:
        return nodes.In(children[0], tuple(children[1:]))

    @v_args(inline=True)
    def instance_of(self, value: Node, type_: Type) -> Node:
        return nodes.InstanceOf(value, type_)

    @v_args(inline=True)
    def operator_test(self, operator: Token, operand: Node) -> Node:
        return nodes.OperatorTest(str(operator), operand)

    def chain(self, children: list[Any]) -> Node:
        pairs = zip(children[1::2], children[2::2], strict=True)
        return nodes.Chain(children[0], tuple((str(operator), operand) for operator, operand in pairs))

    @v_args(inline=True)
    def negate(self, _minus: Token, operand: Node) -> Node:
        return nodes.Negate(operand)

    @v_args(inline=True)
    def path(self, base: Node, name: Token) -> Node:
        return nodes.Path(base, str(name))

    @v_args(inline=True)
    def filter(self, base: Node, condition: Node) -> Node:
        return nodes.Filter(base, condition)

    def call(self, children: list[Node]) -> Node:
        return nodes.Call(children[0], tuple(children[1:]))

    @v_args(inline=True)
    def named(self, name: Token, value: Node) -> tuple[str, Node]:
        return str(name), value

    def call_named(self, children: list[Any]) -> Node:
        return nodes.Call(children[0], (), tuple(children[1:]))

    @v_args(inline=True)
    def literal(self, token: Token) -> Node:
        return nodes.Literal(token.value)

    @v_args(inline=True)
    def name(self, token: Token) -> Node:
        return nodes.Name(str(token), _position(token))

    @v_args(inline=True)
    def range_close(self, token: Token) -> bool:
        return token.type == "_RSQB"

    @v_args(inline=True)
    def closed_interval(self, start: Node, end: Node, end_included: bool) -> Node:
        return nodes.Interval(True, start, end, end_included)

    @v_args(inline=True)
    def open_interval(self, start: Node, end: Node, end_included: bool) -> Node:
        return nodes.Interval(False, start, end, end_included)

    def list_of(self, children: list[Node]) -> Node:
        return nodes.ListOf(tuple(children))

    def context_of(self, children: list[tuple[str, Node]]) -> Node:
        return nodes.ContextOf(tuple(children))

    @v_args(inline=True)
    def entry(self, key: Token, value: Node) -> tuple[str, Node]:
        if not isinstance(key.value, str):
            raise FeelSyntaxError("a key is a name or a text", "", _position(key))
        return key.value, value

    @v_args(inline=True)
    def if_(self, condition: Node, then: Node, otherwise: Node) -> Node:
        return nodes.If(condition, then, otherwise)

    def for_(self, children: list[Any]) -> Node:
        return nodes.For(tuple(children[:-1]), children[-1])

    def some(self, children: list[Any]) -> Node:
        return nodes.Quantified(False, tuple(children[:-1]), children[-1])

    def every(self, children: list[Any]) -> Node:
        return nodes.Quantified(True, tuple(children[:-1]), children[-1])

    @v_args(inline=True)
    def iteration(self, name: Token, source: Node, end: Node | None = None) -> nodes.Iteration:
        return nodes.Iteration(str(name), source, end)

    @v_args(inline=True)
    def parameter(self, name: Token, type_: Type | None = None) -> tuple[str, Type | None]:
        return str(name), type_

    def function(self, children: list[Any]) -> Node:
        return nodes.FunctionOf(tuple(children[:-1]), children[-1])

    @v_args(inline=True)
    def named_type(self, name: Token) -> Type:
        return Type(str(name), position=_position(name))

    @v_args(inline=True)
    def generic_type(self, opening: Token, argument: Type) -> Type:
        return Type(opening.type.removeprefix("TYPE_").lower(), (argument,), position=_position(opening))

    @v_args(inline=True)
    def type_entry(self, name: Token, type_: Type) -> tuple[str, Type]:
        return str(name), type_

    def context_type(self, children: list[Any]) -> Type:
        return Type("context", entries=tuple(children[1:]), position=_position(children[0]))

    def function_type(self, children: list[Any]) -> Type:
        return Type("function", tuple(children[1:-1]), result=children[-1], position=_position(children[0]))


@lru_cache(maxsize=1)
def _lark() -> Lark:
    grammar = FilePath(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_PieceLexer, start=["start", "tests"], transformer=_Builder())


def _parse(text: str, pieces: list[Piece], start: str) -> Any:
    try:
        return _lark().parse(pieces, start=start)
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is None or token.type == "$END":
            raise FeelSyntaxError("the expression is not finished", text, len(text)) from error
        shown = token.value if isinstance(token.value, str) else text[_position(token) :][:20]
        raise FeelSyntaxError(f"{shown!s:.40} is not expected here", text, _position(token)) from error
    except VisitError as error:
        if isinstance(error.orig_exc, FeelError):
            raise error.orig_exc from error
        raise


def parse_expression(text: str, known: KnownNames) -> Node:
    """The tree of one expression. Raises FeelSyntaxError."""
    pieces = Lexer(text, known).read()
    if not pieces:
        raise FeelSyntaxError("empty", text, 0)
    node: Node = _parse(text, pieces, "start")
    return node


def parse_unary_tests(text: str, known: KnownNames) -> nodes.Tests:
    """The tree of a decision table's input cell: "-", tests by comma, or not(tests). Raises FeelSyntaxError."""
    pieces = Lexer(text, known).read()
    if not pieces or (len(pieces) == 1 and pieces[0].kind == "-"):
        return nodes.Tests(())
    negated = _is_negation(pieces)
    tests: nodes.Tests = _parse(text, pieces[2:-1] if negated else pieces, "tests")
    return nodes.Tests(tests.tests, negated)


def _is_negation(pieces: list[Piece]) -> bool:
    """Whether everything stands inside one not( … )."""
    if len(pieces) < 4 or pieces[0].value != "not" or pieces[0].kind != "NAME" or pieces[1].kind != "(":
        return False
    depth = 0
    for index, piece in enumerate(pieces[1:], start=1):
        depth += (piece.kind == "(") - (piece.kind == ")")
        if depth == 0:
            return index == len(pieces) - 1
    return False


def children_of(node: Any) -> Iterator[Any]:
    """The nodes directly below a node."""
    for field in getattr(type(node), "__dataclass_fields__", ()):
        yield from _nodes_in(getattr(node, field))


def _nodes_in(value: Any) -> Iterator[Any]:
    if isinstance(value, Node | nodes.Iteration):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)


def depth_of(node: Any, limit: int) -> int:
    """How deep the tree is, not counting beyond `limit`; without recursion, since depth is what is in doubt."""
    deepest, stack = 0, [(node, 1)]
    while stack:
        current, depth = stack.pop()
        deepest = max(deepest, depth)
        if deepest > limit:
            break
        stack.extend((child, depth + 1) for child in children_of(current))
    return deepest
