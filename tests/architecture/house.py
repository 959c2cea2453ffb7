"""What the architecture tests look at: the source tree, its syntax trees, and the contract in ``pyproject.toml``."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "onepoint"


def sources() -> list[Path]:
    """Every Python file of the house that people write by hand."""
    return sorted(
        path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts and "static_build" not in path.parts
    )


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def capabilities() -> list[str]:
    return sorted(path.parent.name for path in PACKAGE.glob("*/apps.py"))


def layers() -> list[list[str]]:
    """The contract's lines from top to bottom, each a list of capabilities."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(
        contract for contract in settings["tool"]["importlinter"]["contracts"] if contract.get("exhaustive")
    )
    return [[name.strip(" ()") for name in line.split("|")] for line in contract["layers"]]


def height_of(capability: str) -> int:
    """0 for the lowest line."""
    lines = layers()
    return next(len(lines) - 1 - index for index, line in enumerate(lines) if capability in line)
