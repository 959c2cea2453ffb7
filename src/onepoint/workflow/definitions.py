"""Process versions as the kernel wants them: parsed and compiled once per web or worker process."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from onepoint.workflow.engine import Process, parse_bpmn
from onepoint.workflow.models import ProcessVersion
from onepoint.workflow.noticing import compile_noticing
from onepoint.workflow.steps import StepSpec, read_steps

#: Compiled versions kept; a province runs a few dozen.
_KEPT = 256


@dataclass(frozen=True)
class Compiled:
    """One version ready to run."""

    version_id: int
    key: str
    process: Process
    steps: Mapping[str, StepSpec]

    @cached_property
    def limited(self) -> frozenset[str]:
        """The steps with a limit."""
        return frozenset(node for node, step in self.steps.items() if step.limit)


_compiled: OrderedDict[int, Compiled] = OrderedDict()
_lock = Lock()


def compile_version(version: ProcessVersion) -> Compiled:
    """Parse a version that was accepted when it was deployed."""
    process = parse_bpmn(version.bpmn, compile_noticing).main
    steps, _problems = read_steps(process)
    return Compiled(version.pk, version.definition.key, process, steps)


def compiled(version_id: int) -> Compiled:
    """The compiled version; one query the first time, none after. Published versions never change, so it never expires."""
    with _lock:
        if version_id in _compiled:
            _compiled.move_to_end(version_id)
            return _compiled[version_id]
    fresh = compile_version(ProcessVersion.objects.select_related("definition").get(pk=version_id))
    with _lock:
        _compiled[version_id] = fresh
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)
    return fresh
