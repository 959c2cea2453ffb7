"""How a built-in function is declared, chosen among its overloads, and called with checked arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from ..runtime import Run, cost
from ..types import type_name
from ..values import Date, DateTime, DaysTime, Function, Range, Time, YearsMonths

Implementation = Callable[..., Any]
LEFT_OUT: Final = object()  # a named argument that was not given, as opposed to a null that was

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "function": (Function,),
    "range": (Range,),
    "date": (Date, DateTime),
    "time": (Time,),
    "duration": (DaysTime, YearsMonths),
    "days and time duration": (DaysTime,),
}


class Parameter(NamedTuple):
    """`name: type` in a declaration; `?` after the type: may be left out, `~`: null is passed on, `...`: any number."""

    name: str
    type: str
    optional: bool
    nullable: bool
    rest: bool


def _parameter(text: str) -> Parameter:
    name, _, kind = (part.strip() for part in text.partition(":"))
    stripped = kind.rstrip("?~.")
    marks = kind[len(stripped) :]
    return Parameter(name, stripped, "?" in marks, "~" in marks, "..." in marks)


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload."""

    function: str
    parameters: tuple[Parameter, ...]
    implementation: Implementation

    @property
    def is_values(self) -> bool:
        """Takes either one list or its elements as arguments."""
        return len(self.parameters) == 1 and self.parameters[0].type == "values"

    def takes(self, count: int) -> bool:
        if self.is_values:
            return count >= 1
        required = sum(not parameter.optional and not parameter.rest for parameter in self.parameters)
        unlimited = bool(self.parameters) and self.parameters[-1].rest
        return count >= required and (unlimited or count <= len(self.parameters))

    def order(self, names: list[str]) -> list[int | None] | None:
        """For each parameter the place of its argument in `names`; None when the names do not fit."""
        own = [parameter.name for parameter in self.parameters]
        if len(set(names)) < len(names) or not set(names) <= set(own):
            return None
        missing = [p for p in self.parameters if p.name not in names and not p.optional and not p.rest]
        return None if missing else [names.index(name) if name in names else None for name in own]

    def invoke(self, run: Run, arguments: list[Any]) -> Any:
        run.spend(1 + sum(map(cost, arguments)))
        if self.is_values:
            return self._invoke_values(run, arguments)
        checked = []
        for index, argument in enumerate(arguments):
            parameter = self.parameters[min(index, len(self.parameters) - 1)]
            fitting = None if argument is LEFT_OUT else _fit(parameter, argument)
            if fitting is None and argument is not LEFT_OUT and not (argument is None and parameter.nullable):
                run.warn(f"{self.function}(): {parameter.name} must be {parameter.type}, not {type_name(argument)}")
                return None
            checked.append(fitting)
        return self.implementation(run, *checked)

    def fits(self, arguments: list[Any]) -> bool:
        """Whether the types of the arguments are this overload's."""
        return self.is_values or all(
            argument is None or argument is LEFT_OUT or _fit(parameter, argument) is not None
            for parameter, argument in zip(self.parameters, arguments, strict=False)
        )

    def _invoke_values(self, run: Run, arguments: list[Any]) -> Any:
        if len(arguments) == 1:
            if arguments[0] is None:
                run.warn(f"{self.function}(): list must not be null")
                return None
            values = arguments[0] if type(arguments[0]) is list else arguments
        else:
            values = arguments
        run.spend(len(values))
        return self.implementation(run, values)


def _fit(parameter: Parameter, argument: Any) -> Any:
    """The argument as the parameter wants it, by FEEL's implicit list conversions; None when it does not fit."""
    kinds = _KINDS.get(parameter.type)
    if kinds is None or type(argument) in kinds:
        return argument
    if parameter.type == "list":
        return None if argument is None else [argument]
    if type(argument) is list and len(argument) == 1 and type(argument[0]) in kinds:
        return argument[0]
    return None


@dataclass(slots=True)
class Builtin:
    """A built-in function with its overloads in order of preference."""

    name: str
    signatures: list[Signature] = field(default_factory=list)

    def resolve(self, count: int) -> list[Signature]:
        """The overloads that take so many arguments."""
        return [signature for signature in self.signatures if signature.takes(count)]

    def resolve_named(self, names: list[str]) -> tuple[Signature, list[int | None]] | None:
        for signature in self.signatures:
            order = signature.order(names)
            if order is not None:
                return signature, order
        return None

    def as_function(self) -> Function:
        """The function as a value, to be handed to sort() and its like."""

        def call(run: Run, arguments: list[Any]) -> Any:
            candidates = self.resolve(len(arguments))
            return invoke_fitting(run, candidates, arguments) if candidates else None

        def named(run: Run, arguments: dict[str, Any]) -> Any:
            found = self.resolve_named(list(arguments))
            if found is None:
                return None
            given = list(arguments.values())
            return found[0].invoke(run, [LEFT_OUT if slot is None else given[slot] for slot in found[1]])

        parameters = [parameter.name for parameter in self.signatures[0].parameters]
        return Function(self.name, parameters, call, named, builtin=True)


def invoke_fitting(run: Run, candidates: list[Signature], arguments: list[Any]) -> Any:
    """Call the first overload whose types fit; the first of all says what is wrong when none does."""
    for signature in candidates:
        if signature.fits(arguments):
            return signature.invoke(run, arguments)
    return candidates[0].invoke(run, arguments)


BUILTINS: Final[dict[str, Builtin]] = {}


def builtin(name: str, parameters: str = "") -> Callable[[Implementation], Implementation]:
    """Register an overload: `@builtin("substring", "string: string, start position: number, length: number?")`."""
    declared = tuple(_parameter(part) for part in parameters.split(",")) if parameters else ()

    def register(implementation: Implementation) -> Implementation:
        entry = BUILTINS.setdefault(name, Builtin(name))
        entry.signatures.append(Signature(name, declared, implementation))
        return implementation

    return register
