"""What the intake hands on when a request turns out to come from an authority: kept as a draft of the case."""

from typing import Any

from onepoint.accounts.models import User
from onepoint.core import drafts, staging
from onepoint.core.models import StagedFile

PLACE = "regulator-case"


def what_was_typed(by: User) -> dict[str, Any]:
    """What the person had typed at the intake, by field of the case; empty where nothing was handed on."""
    draft = drafts.draft_at(PLACE, by=by)
    return dict(draft.content) if draft else {}


def files_handed_on(typed: dict[str, Any], by: User) -> list[StagedFile]:
    """The files that were chosen at the intake."""
    tokens = typed.get("kept")
    return staging.staged_files(tokens if isinstance(tokens, list) else [], by=by)
