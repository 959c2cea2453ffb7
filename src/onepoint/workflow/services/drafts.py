"""Drawing: new processes, drafts that are saved while one works, and versions published from them."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.workflow import policies
from onepoint.workflow.designing.library import renamed, templates
from onepoint.workflow.engine import BpmnError
from onepoint.workflow.engine.bpmn_file import read_xml
from onepoint.workflow.errors import DraftChanged, ProcessRefused
from onepoint.workflow.models import ProcessDefinition, ProcessDraft, ProcessVersion, SetAsideDrawing
from onepoint.workflow.services.versions import put_in_force, read_drawing, store_version

LARGEST_DRAWING = 2 * 1024 * 1024  # characters
#: One who draws saves every few seconds; the journal notes him once in this time.
NOTED_EVERY = timedelta(hours=1)
#: Drawings set aside that are kept of each process.
KEPT_ASIDE = 20


def _require_drawing(bpmn: str) -> None:
    """A draft may be unfinished, but it is XML of a bearable size."""
    if len(bpmn) > LARGEST_DRAWING:
        raise ProcessRefused([_("The file is larger than 2 MB.")])
    try:
        read_xml(bpmn)
    except BpmnError as refusal:
        raise ProcessRefused([problem.message for problem in refusal.problems]) from refusal


@transaction.atomic
def create_process(*, key: str, name: str, name_en: str, template: str, by: User | None) -> ProcessDefinition:
    """A new process with a draft begun from a template. Raises NotPermitted, or InvalidInput where the key is taken."""
    require(policies.why_not_manage(by))
    chosen = templates().get(template)
    if chosen is None:
        raise InvalidInput({"template": _("Please choose from the list.")})
    try:
        with transaction.atomic():
            definition = ProcessDefinition.objects.create(key=key, name=name, name_en=name_en)
    except IntegrityError as error:
        raise InvalidInput({"key": _("There is already a process with this key.")}) from error
    bpmn = renamed(chosen.bpmn, key, name, name_en)
    ProcessDraft.objects.create(definition=definition, bpmn=bpmn, edited_at=clock.now(), edited_by=by)
    _journal("process.drawn", definition, by, template=template)
    return definition


@transaction.atomic
def save_draft(
    definition: ProcessDefinition, bpmn: str, *, revision: int, over: bool = False, by: User
) -> ProcessDraft:
    """Keep what is drawn so far. ``revision`` is that of the draft one knows, 0 where there was none.

    ``over``: what stands there is somebody else's, and is set aside. Raises NotPermitted, ProcessRefused where it is
    no XML, and DraftChanged where somebody saved in between.
    """
    require(policies.why_not_manage(by))
    _require_drawing(bpmn)
    draft = _locked_draft(definition)
    if draft is None:
        return _first_save(definition, bpmn, revision, by)
    if draft.revision != revision:
        if draft.bpmn == bpmn:
            return draft  # the same save sent twice
        require(_changed(draft))
    if over:
        _set_aside(draft)
    noted = draft.edited_by_id == by.pk and clock.now() - draft.edited_at < NOTED_EVERY
    draft.bpmn, draft.edited_at, draft.edited_by = bpmn, clock.now(), by
    draft.revision += 1
    draft.save(update_fields=["bpmn", "edited_at", "edited_by", "revision"])
    if not noted:
        _journal("process.drawn", definition, by)
    return draft


def _locked_draft(definition: ProcessDefinition) -> ProcessDraft | None:
    ProcessDefinition.objects.select_for_update().get(pk=definition.pk)
    return ProcessDraft.objects.filter(definition=definition).select_related("edited_by").first()


def _first_save(definition: ProcessDefinition, bpmn: str, revision: int, by: User) -> ProcessDraft:
    if revision:
        # There was a draft when one began: somebody has published or discarded it since.
        raise DraftChanged(person="—", revision=0)
    base = definition.versions.order_by("-number").first()
    draft = ProcessDraft.objects.create(
        definition=definition, bpmn=bpmn, base=base, edited_at=clock.now(), edited_by=by
    )
    _journal("process.drawn", definition, by)
    return draft


def _changed(draft: ProcessDraft) -> DraftChanged:
    person = draft.edited_by.label if draft.edited_by else "—"
    return DraftChanged(person=person, revision=draft.revision)


def _set_aside(draft: ProcessDraft) -> None:
    SetAsideDrawing.objects.create(
        definition_id=draft.definition_id, bpmn=draft.bpmn, edited_at=draft.edited_at, edited_by=draft.edited_by
    )
    kept = SetAsideDrawing.objects.filter(definition_id=draft.definition_id).values_list("pk", flat=True)[:KEPT_ASIDE]
    SetAsideDrawing.objects.filter(definition_id=draft.definition_id).exclude(pk__in=list(kept)).delete()


@transaction.atomic
def begin_draft(
    definition: ProcessDefinition, bpmn: str, *, base: ProcessVersion | None = None, by: User | None
) -> ProcessDraft:
    """Begin the draft anew from a version, a file or a drawing set aside; what was in its place is set aside.

    Raises NotPermitted, ProcessRefused.
    """
    require(policies.why_not_manage(by))
    _require_drawing(bpmn)
    bpmn = renamed(bpmn, definition.key, definition.name, definition.name_en)
    draft = _locked_draft(definition)
    if draft is None:
        draft = ProcessDraft(definition=definition, revision=0)
    elif draft.bpmn != bpmn:
        _set_aside(draft)
    draft.bpmn, draft.base, draft.edited_at, draft.edited_by = bpmn, base, clock.now(), by
    draft.revision += 1
    draft.save()
    _journal("process.drawn", definition, by, version=base.number if base else None)
    return draft


@transaction.atomic
def discard_draft(definition: ProcessDefinition, *, by: User) -> None:
    """Give up the draft; it is set aside. Raises NotPermitted, VersionNotDraft where there is none or only it."""
    draft = _locked_draft(definition)
    require(policies.why_not_discard(definition, draft, by))
    assert draft is not None
    _set_aside(draft)
    draft.delete()
    _journal("process.draft_discarded", definition, by)


@transaction.atomic
def publish_draft(definition: ProcessDefinition, *, revision: int, comment: str, by: User) -> ProcessVersion:
    """Make the draft the version in force; running tickets keep theirs.

    Raises NotPermitted, DraftChanged, NothingChanged, or ProcessRefused with everything that is wrong.
    """
    require(policies.why_not_manage(by))
    draft = _locked_draft(definition)
    if draft is None or draft.revision != revision:
        raise _changed(draft) if draft else DraftChanged(person="—", revision=0)
    process = read_drawing(draft.bpmn, definition.key)
    require(policies.why_not_new_version(definition, draft.bpmn))
    version = store_version(process, draft.bpmn, comment=comment, by=by)
    draft.delete()
    return put_in_force(version, by=by)


def _journal(verb: str, definition: ProcessDefinition, by: User | None, **facts: Any) -> None:
    told = {name: fact for name, fact in facts.items() if fact is not None}
    audit.record(verb, by=by, subject_type="process", subject_id=definition.pk, process=definition.key, **told)
