"""Deploying and publishing drawings."""

from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import require
from onepoint.workflow import policies
from onepoint.workflow.designing.findings import Finding, examine
from onepoint.workflow.engine import Process
from onepoint.workflow.errors import ProcessRefused
from onepoint.workflow.models import ProcessDefinition, ProcessVersion
from onepoint.workflow.services.starts import listen_for_starts
from onepoint.workflow.states import VersionStatus


def _sentence(finding: Finding, process: Process | None) -> str:
    node = process.nodes.get(finding.element_id) if process else None
    place = node.name if node and node.name else finding.element_id
    line = _(" (line %d)") % finding.line if finding.line else ""
    return f"{place}{line}: {finding.text}" if place or line else finding.text


def read_drawing(bpmn: str, key: str = "") -> Process:
    """The process of a file; with a ``key``, it must bear it. Raises ProcessRefused with everything that is wrong."""
    examined = examine(bpmn, key)
    process = examined.definitions.main if examined.definitions else None
    if examined.errors or process is None:
        raise ProcessRefused([_sentence(finding, process) for finding in examined.errors])
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
    process = read_drawing(text)
    checksum = sha256(text.encode()).hexdigest()
    same = ProcessVersion.objects.filter(definition__key=process.id[:60], checksum=checksum)
    return same.order_by("-number").first() or store_version(process, text, by=by)


def store_version(process: Process, bpmn: str, *, comment: str = "", by: User | None) -> ProcessVersion:
    """The drawing as the next version of its process, not yet in force; inside the caller's transaction."""
    name = (process.name or process.id)[:80]
    name_en = (process.extension.attribute("op:nameEn") or "")[:120]
    definition, is_new = ProcessDefinition.objects.get_or_create(
        key=process.id[:60], defaults={"name": name, "name_en": name_en}
    )
    if not is_new:
        definition = ProcessDefinition.objects.select_for_update().get(pk=definition.pk)
    latest = definition.versions.order_by("-number").first()
    if (definition.name, definition.name_en) != (name, name_en):
        definition.name, definition.name_en = name, name_en
        definition.save(update_fields=["name", "name_en"])
    version = ProcessVersion.objects.create(
        definition=definition, number=latest.number + 1 if latest else 1, bpmn=bpmn,
        checksum=sha256(bpmn.encode()).hexdigest(), created_at=clock.now(), comment=comment,
    )  # fmt: skip
    _journal("process.deployed", version, by)
    return version


@transaction.atomic
def publish_version(version: ProcessVersion, *, by: User | None) -> ProcessVersion:
    """Let new instances start on this version; running ones keep theirs. Raises NotPermitted, VersionNotDraft."""
    ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
    version.refresh_from_db(fields=["status"])
    require(policies.why_not_publish(version, by))
    return put_in_force(version, by=by)


def put_in_force(version: ProcessVersion, *, by: User | None) -> ProcessVersion:
    """The version becomes the published one and the one before retires; the definition's row is locked by the caller."""
    siblings = ProcessVersion.objects.filter(definition_id=version.definition_id, status=VersionStatus.PUBLISHED)
    siblings.update(status=VersionStatus.RETIRED)
    version.status, version.published_at, version.published_by = VersionStatus.PUBLISHED, clock.now(), by
    version.save(update_fields=["status", "published_at", "published_by"])
    listen_for_starts(version)
    _journal("process.published", version, by)
    return version


def _journal(verb: str, version: ProcessVersion, by: User | None) -> None:
    audit.record(
        verb, by=by, subject_type="process", subject_id=version.definition_id,
        process=version.definition.key, version=version.number, checksum=version.checksum,
    )  # fmt: skip
