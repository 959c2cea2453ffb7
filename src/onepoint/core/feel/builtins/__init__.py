"""The built-in functions, by name."""

from . import conversion, lists, mappings, numeric, ranges, temporal, text
from .registry import BUILTINS, Builtin

__all__ = ["BUILTINS", "Builtin"]
_GROUPS = (conversion, lists, mappings, numeric, ranges, temporal, text)
