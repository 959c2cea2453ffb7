"""FEEL, the expression language of routing conditions, form rules and decision tables (DMN 1.3 and later parts).

Pure Python without Django. `compile_expression(text, names)` gives an `Expression`, to be called with a mapping. What is
missing or of the wrong type is null plus a warning, never an exception; what is not FEEL, or not offered here, is
refused while compiling. An evaluation has a budget of steps, depth and size (`FeelLimitError`) and reads nothing but
mappings: no attribute of a Python object is ever touched.

Words: expression, unary tests (a decision table's cell), context (names to values), warning.
"""

from .conversion import from_python, to_json, to_python
from .errors import FeelError, FeelLimitError, FeelPunctuationError, FeelSyntaxError, FeelUnsupportedError
from .expressions import Expression, UnaryTests, compile_expression, compile_unary_tests
from .runtime import use_clock
from .values import Date, DateTime, DaysTime, Function, Range, Time, YearsMonths

__all__ = [
    "Date",
    "DateTime",
    "DaysTime",
    "Expression",
    "FeelError",
    "FeelLimitError",
    "FeelPunctuationError",
    "FeelSyntaxError",
    "FeelUnsupportedError",
    "Function",
    "Range",
    "Time",
    "UnaryTests",
    "YearsMonths",
    "compile_expression",
    "compile_unary_tests",
    "from_python",
    "to_json",
    "to_python",
    "use_clock",
]
