"""Reads the demo's YAML files."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "data"


@cache
def read(name: str) -> Any:
    """The content of ``data/<name>.yaml``."""
    return yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def both_names(text: str) -> tuple[str, str]:
    """``"网络部 | Network"`` → (Chinese, English)."""
    chinese, _, english = text.partition("|")
    return chinese.strip(), english.strip()
