"""Syntax tree to Python closures. Each node becomes a function of the frame its names are looked up in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial, singledispatchmethod
from typing import Any, Final

from . import nodes
from .builtins import BUILTINS
from .closures import (
    Closure,
    builtin_call,
    comparison,
    constant_number,
    decide,
    dotted,
    item_frame,
    mentions,
    nested,
    none_for_bad_source,
    null_because,
    pick,
    read_dotted,
    read_root,
    read_scoped,
    rows,
)
from .errors import FeelSyntaxError, FeelUnsupportedError
from .nodes import Node
from .numbers import CONTEXT
from .operators import ARITHMETIC, compare, make_range, make_test, negate, read_property, satisfies
from .parser import depth_of
from .runtime import Frame, Run
from .types import predicate_of, type_name
from .values import Function

MAX_DEPTH: Final = 120
# As a unary test these say by themselves whether it is passed; anything else is compared with the value.
_CONDITIONS: Final = (nodes.Logic, nodes.Compare, nodes.Between, nodes.In, nodes.InstanceOf, nodes.Quantified)


class Scope:
    """Names bound around a node while compiling. An open scope (inside a filter) may bind any name at run time."""

    def __init__(self, names: Iterable[str], parent: Scope | None, is_open: bool = False) -> None:
        self.names = frozenset(names)
        self.parent = parent
        self.is_open = is_open

    def binds(self, name: str) -> bool:
        return name in self.names or (self.parent is not None and self.parent.binds(name))

    def may_bind(self, name: str) -> bool:
        return self.is_open or name in self.names or (self.parent is not None and self.parent.may_bind(name))


class Compiler:
    """Compiles one text; afterwards `free_names` holds the names the caller's context must offer."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text = text
        self.names = names
        self.free_names: set[str] = set()

    def compile_root(self, node: Node, scope: Scope | None = None) -> Closure:
        if depth_of(node, MAX_DEPTH) > MAX_DEPTH:
            raise FeelSyntaxError(f"more than {MAX_DEPTH} levels deep", self.text)
        return self.compile(node, scope)

    @singledispatchmethod
    def compile(self, node: Any, scope: Scope | None) -> Closure:
        raise FeelUnsupportedError(type(node).__name__, self.text)

    # --- values and names

    @compile.register
    def _literal(self, node: nodes.Literal, scope: Scope | None) -> Closure:
        value = node.value
        return lambda frame: value

    @compile.register
    def _name(self, node: nodes.Name, scope: Scope | None) -> Closure:
        name = node.name
        is_free = scope is None or not scope.may_bind(name)
        if is_free and (name not in BUILTINS or name in self.names):
            self.free_names.add(name)
        if scope is None:
            return partial(read_root, name)
        return partial(read_scoped, name)

    @compile.register
    def _path(self, node: nodes.Path, scope: Scope | None) -> Closure:
        names = dotted(node)
        if names is not None and scope is None:
            self.free_names.add(names[0])
            return partial(read_dotted, names[0], names[1:])
        base, name = self.compile(node.base, scope), node.name
        return lambda frame: read_property(frame.run, base(frame), name)

    @compile.register
    def _list(self, node: nodes.ListOf, scope: Scope | None) -> Closure:
        if all(isinstance(item, nodes.Literal) for item in node.items):
            constants = [item.value for item in node.items if isinstance(item, nodes.Literal)]
            return lambda frame: constants
        items = [self.compile(item, scope) for item in node.items]
        return lambda frame: [item(frame) for item in items]

    @compile.register
    def _context(self, node: nodes.ContextOf, scope: Scope | None) -> Closure:
        keys = [key for key, _ in node.entries]
        if len(set(keys)) < len(keys):
            return null_because("a context names a key twice")
        inner = Scope(keys, scope)
        entries = [(key, self.compile(value, inner)) for key, value in node.entries]

        def build(frame: Frame) -> dict[str, Any]:
            built: dict[str, Any] = {}
            inside = Frame(built, frame, frame.run)
            for key, value in entries:
                built[key] = value(inside)
            return built

        return build

    @compile.register
    def _interval(self, node: nodes.Interval, scope: Scope | None) -> Closure:
        start, end = self.compile(node.start, scope), self.compile(node.end, scope)
        start_included, end_included = node.start_included, node.end_included
        return lambda frame: make_range(frame.run, start(frame), end(frame), start_included, end_included)

    @compile.register
    def _operator_test(self, node: nodes.OperatorTest, scope: Scope | None) -> Closure:
        operand, sign = self.compile(node.operand, scope), node.operator
        return lambda frame: make_test(frame.run, sign, operand(frame))

    # --- operators

    @compile.register
    def _chain(self, node: nodes.Chain, scope: Scope | None) -> Closure:
        first = self.compile(node.first, scope)
        steps = [(ARITHMETIC[sign], self.compile(operand, scope)) for sign, operand in node.rest]
        if len(steps) == 1:
            operation, second = steps[0]
            return lambda frame: operation(frame.run, first(frame), second(frame))

        def run_chain(frame: Frame) -> Any:
            value = first(frame)
            for operation, operand in steps:
                value = operation(frame.run, value, operand(frame))
            return value

        return run_chain

    @compile.register
    def _negate(self, node: nodes.Negate, scope: Scope | None) -> Closure:
        if isinstance(node.operand, nodes.Literal) and type(node.operand.value) is Decimal:
            value = CONTEXT.minus(node.operand.value)
            return lambda frame: value
        operand = self.compile(node.operand, scope)
        return lambda frame: negate(frame.run, operand(frame))

    @compile.register
    def _logic(self, node: nodes.Logic, scope: Scope | None) -> Closure:
        operands = [self.compile(operand, scope) for operand in node.operands]
        return partial(decide, operands, node.operator == "or")

    @compile.register
    def _compare(self, node: nodes.Compare, scope: Scope | None) -> Closure:
        left, right = self.compile(node.left, scope), self.compile(node.right, scope)
        return comparison(node.operator, left, right)

    @compile.register
    def _between(self, node: nodes.Between, scope: Scope | None) -> Closure:
        value, low, high = (self.compile(part, scope) for part in (node.value, node.low, node.high))

        def between(frame: Frame) -> bool | None:
            found = value(frame)
            above = compare(frame.run, ">=", found, low(frame))
            below = compare(frame.run, "<=", found, high(frame))
            return None if above is None or below is None else above and below

        return between

    @compile.register
    def _in(self, node: nodes.In, scope: Scope | None) -> Closure:
        value = self.compile(node.value, scope)
        tests = [self._test(test, scope) for test in node.tests]
        if len(tests) == 1:
            only = tests[0]
            return lambda frame: only(frame, value(frame))

        def any_test(frame: Frame) -> bool | None:
            found, unknown = value(frame), False
            for test in tests:
                answer = test(frame, found)
                if answer:
                    return True
                unknown = unknown or answer is None
            return None if unknown else False

        return any_test

    def _test(self, node: Node, scope: Scope | None) -> Callable[[Frame, Any], bool | None]:
        if isinstance(node, nodes.OperatorTest):
            operand, sign = self.compile(node.operand, scope), node.operator
            return lambda frame, value: compare(frame.run, sign, value, operand(frame))
        test = self.compile(node, scope)
        return lambda frame, value: satisfies(frame.run, value, test(frame))

    @compile.register
    def _instance_of(self, node: nodes.InstanceOf, scope: Scope | None) -> Closure:
        value, is_instance = self.compile(node.value, scope), predicate_of(node.type, self.text)
        return lambda frame: is_instance(value(frame))

    # --- control

    @compile.register
    def _if(self, node: nodes.If, scope: Scope | None) -> Closure:
        condition, then, otherwise = (self.compile(part, scope) for part in (node.condition, node.then, node.otherwise))
        return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)

    def _iterations(
        self, iterations: tuple[nodes.Iteration, ...], scope: Scope | None
    ) -> tuple[list[tuple[str, Closure, Closure | None]], Scope | None]:
        compiled: list[tuple[str, Closure, Closure | None]] = []
        for iteration in iterations:
            end = None if iteration.end is None else self.compile(iteration.end, scope)
            compiled.append((iteration.name, self.compile(iteration.source, scope), end))
            scope = Scope([iteration.name], scope)
        return compiled, scope

    @compile.register
    def _for(self, node: nodes.For, scope: Scope | None) -> Closure:
        iterations, inner = self._iterations(node.iterations, scope)
        needs_partial = mentions(node.body, "partial")
        body = self.compile(node.body, Scope(["partial"], inner))

        def loop(frame: Frame) -> list[Any]:
            results: list[Any] = []
            outside = Frame({"partial": results}, frame, frame.run) if needs_partial else frame
            for row in rows(outside, iterations):
                # Each round sees the results so far as they stood, not a list that grows under its hands.
                inside = Frame({"partial": list(results)}, row, frame.run) if needs_partial else row
                results.append(body(inside))
            return results

        return none_for_bad_source(loop)

    @compile.register
    def _quantified(self, node: nodes.Quantified, scope: Scope | None) -> Closure:
        iterations, inner = self._iterations(node.iterations, scope)
        condition, every = self.compile(node.condition, inner), node.every

        def quantify(frame: Frame) -> bool | None:
            unknown = False
            for row in rows(frame, iterations):
                answer = condition(row)
                if answer is (not every):
                    return not every
                unknown = unknown or answer is not every
            return None if unknown else every

        return none_for_bad_source(quantify)

    @compile.register
    def _filter(self, node: nodes.Filter, scope: Scope | None) -> Closure:
        base = self.compile(node.base, scope)
        if (position := constant_number(node.condition)) is not None:
            return lambda frame: pick(frame, base(frame), position)
        condition = self.compile(node.condition, Scope(["item"], scope, is_open=True))

        def select(frame: Frame) -> Any:
            found = base(frame)
            items = found if type(found) is list else [] if found is None else [found]
            selected = []
            for index, item in enumerate(items):
                frame.run.spend()
                answer = condition(item_frame(frame, item))
                if index == 0 and type(answer) is Decimal:
                    return pick(frame, items, answer)
                if answer is True:
                    selected.append(item)
            return selected

        return select

    # --- functions

    @compile.register
    def _function(self, node: nodes.FunctionOf, scope: Scope | None) -> Closure:
        parameters = [name for name, _ in node.parameters]
        types = [None if type_ is None else type_.name for _, type_ in node.parameters]
        checks = [None if type_ is None else predicate_of(type_, self.text) for _, type_ in node.parameters]
        body = self.compile(node.body, Scope(parameters, scope))

        def define(frame: Frame) -> Function:
            def call(run: Run, arguments: list[Any]) -> Any:
                if len(arguments) != len(parameters):
                    run.warn(f"{len(parameters)} arguments expected, {len(arguments)} given")
                    return None
                for check, argument in zip(checks, arguments, strict=True):
                    if check is not None and argument is not None and not check(argument):
                        run.warn(f"{type_name(argument)} is the wrong type of argument")
                        return None
                return nested(run, body, Frame(dict(zip(parameters, arguments, strict=True)), frame, run))

            def named(run: Run, arguments: dict[str, Any]) -> Any:
                if not arguments.keys() <= set(parameters):
                    run.warn("unknown name of an argument")
                    return None
                return call(run, [arguments.get(name) for name in parameters])

            return Function("", parameters, call, named, types)

        return define

    @compile.register
    def _call(self, node: nodes.Call, scope: Scope | None) -> Closure:
        positional = [self.compile(argument, scope) for argument in node.positional]
        named = [(name, self.compile(argument, scope)) for name, argument in node.named]
        callee = node.callee
        if isinstance(callee, nodes.Name) and not (scope is not None and scope.binds(callee.name)):
            builtin = BUILTINS.get(callee.name)
            if builtin is not None and callee.name not in self.names:
                return builtin_call(builtin, positional, named)
            if builtin is None and callee.name not in self.names and not (scope and scope.may_bind(callee.name)):
                raise FeelUnsupportedError(f"function {callee.name}()", self.text, callee.position)
        target = self.compile(callee, scope)

        def call(frame: Frame) -> Any:
            function = target(frame)
            if type(function) is not Function:
                frame.run.warn(f"{type_name(function)} cannot be called")
                return None
            if named:
                return function.named(frame.run, {name: argument(frame) for name, argument in named})
            return function.call(frame.run, [argument(frame) for argument in positional])

        return call

    @compile.register
    def _tests(self, node: nodes.Tests, scope: Scope | None) -> Closure:
        """Whether the value bound to `?` passes any of the tests."""
        tests = [
            (self.compile(test, scope), isinstance(test, _CONDITIONS) or mentions(test, "?")) for test in node.tests
        ]
        negated = node.negated

        def passes(frame: Frame) -> bool | None:
            value, unknown = frame.bindings["?"], False
            for test, is_condition in tests:
                answer = test(frame)
                if not is_condition or type(answer) is not bool:
                    answer = satisfies(frame.run, value, answer)
                if answer:
                    return not negated
                unknown = unknown or answer is None
            return None if unknown else negated

        return passes if tests else lambda frame: True
