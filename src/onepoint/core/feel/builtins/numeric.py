"""Functions on numbers."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from ..numbers import CONTEXT, ONE, ZERO, finite, whole
from ..runtime import Run
from ..values import DaysTime, YearsMonths
from .registry import builtin

# The exponents decimal128 knows; a scale beyond them is a mistake.
MIN_SCALE, MAX_SCALE = -6111, 6176


def rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    """The number with `scale` decimals (negative: tens, hundreds …); None for a scale that is none."""
    places = whole(scale.to_integral_value(decimal.ROUND_DOWN))
    if places is None or not MIN_SCALE <= places <= MAX_SCALE:
        return None
    exponent = number.as_tuple().exponent
    if not number.is_finite() or (isinstance(exponent, int) and -exponent <= places):
        return number
    wide = decimal.Context(prec=7000, rounding=rounding, Emin=-9999, Emax=9999, traps=[])
    return CONTEXT.plus(number.quantize(Decimal(1).scaleb(-places, wide), context=wide))


def _rounding(name: str, rounding: str, scale: str) -> None:
    @builtin(name, f"n: number, scale: number{scale}")
    def _round(run: Run, n: Decimal, scale: Decimal = ZERO) -> Decimal | None:
        return rounded(n, scale, rounding)


_rounding("decimal", decimal.ROUND_HALF_EVEN, "")
_rounding("round up", decimal.ROUND_UP, "")
_rounding("round down", decimal.ROUND_DOWN, "")
_rounding("round half up", decimal.ROUND_HALF_UP, "")
_rounding("round half down", decimal.ROUND_HALF_DOWN, "")


@builtin("floor", "n: number")
@builtin("floor", "n: number, scale: number")
def _floor(run: Run, n: Decimal, scale: Decimal = ZERO) -> Decimal | None:
    return rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number")
@builtin("ceiling", "n: number, scale: number")
def _ceiling(run: Run, n: Decimal, scale: Decimal = ZERO) -> Decimal | None:
    return rounded(n, scale, decimal.ROUND_CEILING)


@builtin("abs", "n: any")
def _abs(run: Run, n: Any) -> Any:
    if type(n) is Decimal:
        return abs(n)
    if type(n) is DaysTime:
        return DaysTime(abs(n.nanos))
    return YearsMonths(abs(n.months)) if type(n) is YearsMonths else None


@builtin("modulo", "dividend: number, divisor: number")
def _modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """The remainder with the sign of the divisor."""
    if not divisor:
        return None
    remainder = finite(CONTEXT.remainder(dividend, divisor))  # NaN where the quotient has more digits than there are
    if remainder and (remainder < 0) != (divisor < 0):
        remainder = finite(CONTEXT.add(remainder, divisor))
    return remainder


@builtin("sqrt", "number: number")
def _sqrt(run: Run, number: Decimal) -> Decimal | None:
    return CONTEXT.sqrt(number) if number >= 0 else None


@builtin("log", "number: number")
def _log(run: Run, number: Decimal) -> Decimal | None:
    return CONTEXT.ln(number) if number > 0 else None


@builtin("exp", "number: number")
def _exp(run: Run, number: Decimal) -> Decimal | None:
    return finite(CONTEXT.exp(number))


def _parity(number: Decimal, odd: bool) -> bool:
    return number == number.to_integral_value() and CONTEXT.remainder(abs(number), Decimal(2)) == (ONE if odd else ZERO)


@builtin("odd", "number: number")
def _odd(run: Run, number: Decimal) -> bool:
    return _parity(number, True)


@builtin("even", "number: number")
def _even(run: Run, number: Decimal) -> bool:
    return _parity(number, False)
