"""Decimal arithmetic with 34 digits (IEEE 754 decimal128), results that are no number become None."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

CONTEXT: Final = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, capitals=1, clamp=0, flags=[], traps=[]
)
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)


def finite(number: Decimal) -> Decimal | None:
    """The number, or None for infinity and NaN."""
    return number if number.is_finite() else None


def whole(number: Decimal) -> int | None:
    """The number as int when it is integral and of a sane size."""
    if abs(number) > 10**18 or number != number.to_integral_value():
        return None
    return int(number)
