"""Deploying and publishing drawings."""

from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import require
from onepoint.core.feel import compile_expression
from onepoint.workflow import policies
from onepoint.workflow.carried import CARRIED
from onepoint.workflow.engine import BpmnError, Problem, Process, features, parse_bpmn
from onepoint.workflow.errors import ProcessRefused
from onepoint.workflow.models import ProcessDefinition, ProcessVersion
from onepoint.workflow.states import VersionStatus
from onepoint.workflow.steps import read_steps


def _sentence(problem: Problem) -> str:
    place = " ".join(part for part in (problem.element_type, problem.element_id) if part)
    line = _(" (line %d)") % problem.line if problem.line else ""
    return f"{place}{line}: {problem.message}"


def _read(bpmn: str) -> Process:
    """The process of a file. Raises ProcessRefused with everything that is wrong."""
    try:
        definitions = parse_bpmn(bpmn, compile_expression)
    except BpmnError as refusal:
        raise ProcessRefused([_sentence(problem) for problem in refusal.problems]) from refusal
    if not definitions.processes:
        raise ProcessRefused([_("The file holds no process.")])
    process = definitions.main
    problems = [_("“%s” cannot be used yet.") % name for name in sorted(features(process) - CARRIED)]
    problems += read_steps(process)[1]
    problems += [
        _("%(step)s: op:handler names the service to call") % {"step": node.name or node.id}
        for node in process.nodes.values()
        if node.kind == "service_task" and not node.extension.attribute("op:handler")
    ]
    if problems:
        raise ProcessRefused(problems)
    return process


@transaction.atomic
def deploy_version(bpmn: str | bytes, *, by: User | None) -> ProcessVersion:
    """Store a drawing as the next draft of its process; a drawing that is there already gives its version.

    Raises NotPermitted, or ProcessRefused listing every problem with its element and line.
    """
    require(policies.why_not_manage(by))
    try:
        text = bpmn.decode("utf-8-sig") if isinstance(bpmn, bytes) else bpmn
    except UnicodeDecodeError as error:
        raise ProcessRefused([_("The file is not UTF-8 text.")]) from error
    process = _read(text)
    name = (process.name or process.id)[:80]
    name_en = (process.extension.attribute("op:nameEn") or "")[:120]
    definition, is_new = ProcessDefinition.objects.get_or_create(
        key=process.id[:60], defaults={"name": name, "name_en": name_en}
    )
    if not is_new:
        definition = ProcessDefinition.objects.select_for_update().get(pk=definition.pk)
    checksum = sha256(text.encode()).hexdigest()
    if same := definition.versions.filter(checksum=checksum).order_by("-number").first():
        return same
    latest = definition.versions.order_by("-number").first()
    if (definition.name, definition.name_en) != (name, name_en):
        definition.name, definition.name_en = name, name_en
        definition.save(update_fields=["name", "name_en"])
    version = ProcessVersion.objects.create(
        definition=definition, number=latest.number + 1 if latest else 1, bpmn=text, checksum=checksum,
        created_at=clock.now(),
    )  # fmt: skip
    _journal("process.deployed", version, by)
    return version


@transaction.atomic
def publish_version(version: ProcessVersion, *, by: User | None) -> ProcessVersion:
    """Let new instances start on this version; running ones keep theirs. Raises NotPermitted, VersionNotDraft."""
    ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
    version.refresh_from_db(fields=["status"])
    require(policies.why_not_publish(version, by))
    siblings = ProcessVersion.objects.filter(definition_id=version.definition_id, status=VersionStatus.PUBLISHED)
    siblings.update(status=VersionStatus.RETIRED)
    version.status, version.published_at, version.published_by = VersionStatus.PUBLISHED, clock.now(), by
    version.save(update_fields=["status", "published_at", "published_by"])
    _journal("process.published", version, by)
    return version


def _journal(verb: str, version: ProcessVersion, by: User | None) -> None:
    audit.record(
        verb, by=by, subject_type="process", subject_id=version.definition_id,
        process=version.definition.key, version=version.number, checksum=version.checksum,
    )  # fmt: skip
