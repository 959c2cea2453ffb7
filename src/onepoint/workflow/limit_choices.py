"""The processes and steps rules for limits may name: workflow's side of ``sla``."""

from onepoint.sla import registry
from onepoint.workflow import queries
from onepoint.workflow.definitions import compiled


def _processes() -> list[tuple[str, str]]:
    return [(version.definition.key, version.definition.label) for version in queries.published_versions()]


def _steps() -> list[tuple[str, str]]:
    """By name: the same work is called the same in every process."""
    found: dict[str, str] = {}
    for version in queries.published_versions():
        for step in compiled(version.pk).steps.values():
            found.setdefault(step.name, step.label)
    return sorted(found.items(), key=lambda pair: pair[1])


def register() -> None:
    """Called once by the AppConfig."""
    registry.register_choices("process", _processes)
    registry.register_choices("step", _steps)
