"""What somebody draws on: the draft of a process, its versions, and drawings set aside."""

from dataclasses import dataclass
from datetime import timedelta

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.workflow.models import ProcessDefinition, ProcessDraft, ProcessVersion, SetAsideDrawing
from onepoint.workflow.states import VersionStatus

STILL_DRAWING = timedelta(minutes=10)


@dataclass(frozen=True)
class Begun:
    """What somebody who opens the designer draws on; ``revision`` 0: there is no draft yet, it is the last version."""

    bpmn: str
    revision: int
    draft: ProcessDraft | None
    base: ProcessVersion | None


def drawing_to_edit(definition: ProcessDefinition) -> Begun:
    """The draft, else the published version, else the latest one."""
    draft = ProcessDraft.objects.select_related("edited_by", "base").filter(definition=definition).first()
    if draft:
        return Begun(draft.bpmn, draft.revision, draft, draft.base)
    versions = ProcessVersion.objects.filter(definition=definition).order_by("-number")
    base = versions.filter(status=VersionStatus.PUBLISHED).first() or versions.first()
    return Begun(base.bpmn if base else "", 0, None, base)


def somebody_else(begun: Begun, reader: User) -> User | None:
    """Who else saved the draft a moment ago and is probably still drawing."""
    draft = begun.draft
    if draft is None or draft.edited_by is None or draft.edited_by_id == reader.pk:
        return None
    return draft.edited_by if clock.now() - draft.edited_at < STILL_DRAWING else None


def set_aside_drawings(definition: ProcessDefinition) -> list[SetAsideDrawing]:
    """Drafts others took the place of, newest first, without their drawings."""
    return list(definition.set_aside.defer("bpmn").select_related("edited_by"))


def find_beginning(definition: ProcessDefinition, number: str, aside: str) -> tuple[ProcessVersion | None, str]:
    """A version by its number, or a drawing set aside by its id; an empty drawing where there is none."""
    if number.isascii() and number.isdigit() and len(number) < 10:
        version = ProcessVersion.objects.filter(definition=definition, number=int(number)).first()
        return version, version.bpmn if version else ""
    if aside.isascii() and aside.isdigit() and len(aside) < 19:
        row = definition.set_aside.filter(pk=int(aside)).first()
        return None, row.bpmn if row else ""
    return None, ""
