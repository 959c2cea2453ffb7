"""The import contracts, and the proof that they bite."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from architecture import house

PRIVATE = {"views", "forms", "api", "admin", "tasks", "receivers"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


def copy_of_sources(folder: Path) -> Path:
    shutil.copytree(house.PACKAGE, folder / "src" / "onepoint", ignore=shutil.ignore_patterns("static_build", "*.pyc"))
    shutil.copy(house.ROOT / "pyproject.toml", folder)
    return folder / "src" / "onepoint"


def test_the_contracts_hold() -> None:
    result = lint_imports(house.ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("core/planted.py", "import onepoint.accounts.models", "Capabilities import only from the lines below them"),
        ("accounts/states.py", "import onepoint.accounts.models", "Inside a capability the files look one way"),
        ("core/feel/planted.py", "import django", "The process engine and FEEL are plain Python"),
    ],
)
def test_a_planted_upward_import_breaks_the_contract(tmp_path: Path, file: str, line: str, contract: str) -> None:
    package = copy_of_sources(tmp_path)
    with (package / file).open("a") as stream:
        stream.write(f"\n{line}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert re.search(rf"{re.escape(contract)}.* BROKEN", result.stdout)


def test_a_capability_that_stands_in_no_layer_breaks_the_contract(tmp_path: Path) -> None:
    package = copy_of_sources(tmp_path)
    (package / "planted").mkdir()
    (package / "planted" / "__init__.py").write_text("")
    assert lint_imports(tmp_path).returncode == 1


def test_nobody_imports_another_capabilitys_private_modules() -> None:
    """Views, forms, API, admin, tasks and receivers are how a capability meets the outside; others use its services."""
    graph = grimp.build_graph("onepoint", cache_dir=None)
    trespasses = []
    for imported in graph.modules:
        parts = imported.split(".")
        if len(parts) < 3 or parts[2] not in PRIVATE:
            continue
        for importer in graph.find_modules_that_directly_import(imported):
            if importer.split(".")[1] not in (parts[1], "config"):
                trespasses.append(f"{importer} imports {imported}")
    assert trespasses == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_contracts_layers(readme: str) -> None:
    """The diagram in the README is the contract, line by line."""
    text = (house.ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    shown = [[sorted(re.findall(r"\w+", line)) for line in block.splitlines()] for block in blocks]
    assert [sorted(line) for line in house.layers()] in shown
