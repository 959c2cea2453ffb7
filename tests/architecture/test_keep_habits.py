"""The house's habits that no linter knows."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType

import pytest
from django.conf import settings
from django.core.management import call_command
from procrastinate.contrib.django import app as jobs

from architecture import house
from onepoint.core import catalogues

THIN = {"views", "api", "tasks", "receivers"}
#: Services that no person causes, such as ``"tickets.services.note_delivery"``: name → why.
#: What full-text search looks through follows from other writes, which are somebody's; indexing is nobody's act.
CAUSED_BY_NOBODY: dict[str, str] = {
    f"tickets.services.{name}": "search index"
    for name in ("document_of", "index_changes", "note_search_change", "reindex_tickets", "wake_indexer")
} | {
    "assignment.services.assign_soon": "a round of the house's own",
    "portal.services.check_files": "judges files, keeps nothing",
    "tickets.services.subject_for": "words a subject, writes nothing",
}
ASK_THE_CLOCK = [
    house.PACKAGE / "core" / "clock.py",
    house.PACKAGE / "core" / "feel" / "values.py",  # pure, and only when its caller names no moment
    house.PACKAGE / "demo" / "people.py",  # passwords are set today, whenever their people were hired
    house.PACKAGE / "accounts" / "queries" / "logins.py",  # cookies and lock-outs know no pinned moment
]


def capability_files(*stems: str) -> list[Path]:
    """``views.py`` or ``views/…`` of every capability, for the given names."""
    return [
        path
        for path in house.sources()
        if (parts := path.relative_to(house.PACKAGE).with_suffix("").parts) and len(parts) > 1 and parts[1] in stems
    ]


def test_views_api_tasks_and_receivers_never_touch_objects() -> None:
    """They call one query or one service, so that scope and rules cannot be forgotten."""
    found = [
        f"{house.shown(path)}:{node.lineno}"
        for path in capability_files(*THIN)
        for node in ast.walk(house.tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager")
    ]
    assert found == []


def public_functions(module_name: str) -> Iterator[tuple[str, FunctionType]]:
    """What a capability offers as ``services`` or ``policies``, whether that is a file or a folder."""
    for capability in house.capabilities():
        full_name = f"onepoint.{capability}.{module_name}"
        if find_spec(full_name):
            for name, value in vars(import_module(full_name)).items():
                if (
                    isinstance(value, FunctionType)
                    and not name.startswith("_")
                    and value.__module__.startswith(full_name)
                ):
                    yield f"{capability}.{module_name}.{name}", value


def test_every_public_service_takes_by_as_a_keyword() -> None:
    """Each write says whose it is."""
    services = dict(public_functions("services"))
    assert services
    without = []
    for name, function in services.items():
        by = inspect.signature(function).parameters.get("by")
        if name not in CAUSED_BY_NOBODY and (by is None or by.kind != inspect.Parameter.KEYWORD_ONLY):
            without.append(name)
    assert without == []


def test_every_public_service_and_reason_explains_itself() -> None:
    reasons = [(name, function) for name, function in public_functions("policies") if ".why_not_" in name]
    assert [name for name, function in [*public_functions("services"), *reasons] if not inspect.getdoc(function)] == []


def test_every_capability_and_model_says_what_it_is() -> None:
    silent = [
        name
        for name in house.capabilities()
        if not ast.get_docstring(house.tree_of(house.PACKAGE / name / "__init__.py"))
    ]
    for path in capability_files("models"):
        for node in house.tree_of(path).body:
            bases = [ast.unparse(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
            if (
                isinstance(node, ast.ClassDef)
                and any(base.endswith("Model") for base in bases)
                and not ast.get_docstring(node)
            ):
                silent.append(f"{house.shown(path)}:{node.name}")
    assert silent == []


def deferred_names() -> dict[str, str]:
    """Names given to ``jobs.defer("…")`` as literals, with the place."""
    found = {}
    for path in house.sources():
        for node in ast.walk(house.tree_of(path)):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in ("defer", "jobs.defer", "jobs.defer_after_commit")
                and node.args
            ):
                name = node.args[0]
                assert isinstance(name, ast.Constant), f"{house.shown(path)}:{node.lineno} defers a computed name"
                found[name.value] = f"{house.shown(path)}:{node.lineno}"
    return found


def test_every_deferred_job_exists() -> None:
    for module in settings.PROCRASTINATE_IMPORT_PATHS:
        import_module(module)
    assert {name: place for name, place in deferred_names().items() if name not in jobs.tasks} == {}


def test_every_job_is_named_after_its_capability() -> None:
    for module in settings.PROCRASTINATE_IMPORT_PATHS:
        import_module(module)
    ours = [task for task in jobs.tasks.values() if task.func.__module__.startswith("onepoint.")]
    assert ours
    assert [task.name for task in ours if task.name.split(".")[0] != task.func.__module__.split(".")[1]] == []


def test_nobody_asks_the_clock_directly() -> None:
    """Only ``core.clock`` does: imports, demo and replays act at a recorded moment."""
    forbidden = re.compile(r"timezone\.now\(|datetime\.now\(|date\.today\(|auto_now|utcnow\(|localdate\(\)")
    found = [
        f"{house.shown(path)}:{number}"
        for path in house.sources()
        if path.relative_to(house.PACKAGE).parts[0] != "config" and path not in ASK_THE_CLOCK
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line.split("#")[0])
    ]
    assert found == []


@pytest.mark.django_db
def test_the_models_have_no_change_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("name", house.capabilities())
def test_every_string_of_the_capability_is_translated(name: str) -> None:
    assert list(catalogues.faults(house.PACKAGE / name)) == []


def test_no_two_capabilities_translate_a_string_differently() -> None:
    assert list(catalogues.contradictions(house.PACKAGE)) == []
