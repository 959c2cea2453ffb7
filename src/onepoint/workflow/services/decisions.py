"""Decision tables: drawn, published, and asked by business rule tasks."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.feel import to_json
from onepoint.workflow import policies, registry
from onepoint.workflow.decisions import DecisionConflict
from onepoint.workflow.designing import decisions
from onepoint.workflow.errors import DraftChanged, NothingChanged, TableRefused
from onepoint.workflow.models import DecisionDefinition, DecisionVersion
from onepoint.workflow.noticing import note_warnings
from onepoint.workflow.services.calls import HandlerFailed
from onepoint.workflow.states import VersionStatus

LARGEST_TABLE = 1024 * 1024  # characters


@transaction.atomic
def create_decision(*, key: str, name: str, name_en: str, by: User | None) -> DecisionDefinition:
    """A new decision table with its first draft. Raises NotPermitted, or InvalidInput where the key is taken."""
    require(policies.why_not_manage(by))
    try:
        with transaction.atomic():
            definition = DecisionDefinition.objects.create(key=key, name=name, name_en=name_en)
    except IntegrityError as error:
        raise InvalidInput({"key": _("There is already a decision table with this key.")}) from error
    _draft(definition, 1, decisions.starter(key, name), by)
    _journal("decision.drawn", definition, by)
    return definition


def _draft(definition: DecisionDefinition, number: int, dmn: str, by: User | None) -> DecisionVersion:
    return DecisionVersion.objects.create(
        definition=definition, number=number, dmn=dmn, edited_at=clock.now(), edited_by=by
    )


@transaction.atomic
def save_decision(definition: DecisionDefinition, dmn: str, *, number: int, revision: int, by: User) -> DecisionVersion:
    """Keep a table that is being drawn. ``number`` and ``revision`` are of the version one began from.

    Raises NotPermitted, TableRefused where it is no table, DraftChanged where somebody saved or published in between.
    """
    require(policies.why_not_manage(by))
    _require_table(dmn)
    latest = _locked_latest(definition)
    if (latest.number, latest.revision) != (number, revision):
        raise DraftChanged(person=latest.edited_by.label if latest.edited_by else "—", revision=latest.revision)
    if latest.is_draft:
        latest.dmn, latest.edited_at, latest.edited_by = dmn, clock.now(), by
        latest.revision += 1
        latest.save(update_fields=["dmn", "edited_at", "edited_by", "revision"])
    else:
        latest = _draft(definition, latest.number + 1, dmn, by)
    _journal("decision.drawn", definition, by)
    return latest


def _locked_latest(definition: DecisionDefinition) -> DecisionVersion:
    DecisionDefinition.objects.select_for_update().get(pk=definition.pk)
    rows = DecisionVersion.objects.filter(definition=definition).select_related("edited_by").order_by("-number")
    latest = rows.first()
    assert latest is not None
    return latest


def _require_table(dmn: str) -> None:
    if len(dmn) > LARGEST_TABLE:
        raise TableRefused([_("The file is larger than 1 MB.")])
    _table, problems = decisions.read(dmn)
    if problems:
        raise TableRefused(problems)


@transaction.atomic
def publish_decision(
    definition: DecisionDefinition, *, number: int, revision: int, comment: str, by: User
) -> DecisionVersion:
    """The draft becomes the table in force. Raises NotPermitted, DraftChanged, NothingChanged, TableRefused."""
    require(policies.why_not_manage(by))
    latest = _locked_latest(definition)
    if (latest.number, latest.revision) != (number, revision):
        raise DraftChanged(person=latest.edited_by.label if latest.edited_by else "—", revision=latest.revision)
    if not latest.is_draft:
        raise NothingChanged
    _require_table(latest.dmn)
    in_force = DecisionVersion.objects.filter(definition=definition, status=VersionStatus.PUBLISHED)
    in_force.update(status=VersionStatus.RETIRED)
    latest.status, latest.published_at, latest.published_by = VersionStatus.PUBLISHED, clock.now(), by
    latest.comment = comment
    latest.save(update_fields=["status", "published_at", "published_by", "comment"])
    _journal("decision.published", definition, by, version=latest.number)
    return latest


def _journal(verb: str, definition: DecisionDefinition, by: User | None, **facts: Any) -> None:
    audit.record(verb, by=by, subject_type="decision", subject_id=definition.pk, decision=definition.key, **facts)


# -- deciding -----------------------------------------------------------------------------------------------------


def answer_task(
    key: str, variables: Mapping[str, Any], *, instance_id: int | None = None, by: User | None = None
) -> dict[str, Any]:
    """What a business rule task with ``op:handler="decision:key"`` sets: each output of a single hit, else a list.

    Raises HandlerFailed, which stops the step as an incident, where no table is in force or its rules contradict. What was
    missing or of a wrong type is kept with the instance.
    """
    found = decisions.table_in_force(key)
    if found is None:
        raise HandlerFailed(f"no version of the decision table {key} is published")
    table, _number = found
    try:
        outcome = table.decide(variables)
    except DecisionConflict as conflict:
        raise HandlerFailed(f"decision table {key}: {conflict}") from conflict
    if instance_id is not None and outcome.warnings:
        note_warnings(instance_id, [(f"decision:{key}", key, warning) for warning in outcome.warnings])
    value = to_json(outcome.value)
    return {key: value} if table.has_several else dict(value)


def handler_of(key: str) -> registry.ServiceHandler:
    """The service handler of a decision table."""

    def decide(instance: Any, variables: dict[str, Any]) -> dict[str, Any]:
        return answer_task(key, variables, instance_id=instance.pk)

    return decide
