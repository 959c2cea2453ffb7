"""Writes of questionnaires: a draft is edited, published it stays as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.follow_ups import policies
from onepoint.follow_ups.models import Questionnaire, QuestionnaireVersion
from onepoint.follow_ups.questions import checked_schema
from onepoint.follow_ups.states import VersionState


def _record(verb: str, questionnaire: Questionnaire, by: User | None, **more: Any) -> None:
    audit.record(
        f"questionnaire.{verb}", by=by, subject_type="questionnaire", subject_id=questionnaire.pk,
        name=questionnaire.name, name_en=questionnaire.name_en, **more,
    )  # fmt: skip


@transaction.atomic
def create_questionnaire(
    *, code: str, name: str, name_en: str = "", kinds: Sequence[str] = (), schema: Mapping[str, Any], by: User | None
) -> Questionnaire:
    """A new questionnaire with its first draft. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage(by))
    checked = checked_schema(schema)
    try:
        with transaction.atomic():
            made = Questionnaire.objects.create(
                code=clean(code), name=clean(name), name_en=clean(name_en), kinds=list(kinds)
            )
    except IntegrityError as taken:
        raise InvalidInput({"code": _("There is a questionnaire with this code.")}) from taken
    QuestionnaireVersion.objects.create(
        questionnaire=made, number=1, schema=checked, made_at=clock.now(), made_by=by
    )  # fmt: skip
    _record("created", made, by)
    return made


@transaction.atomic
def write_draft(
    questionnaire: Questionnaire, *, schema: Mapping[str, Any], lock_version: int, by: User | None
) -> QuestionnaireVersion:
    """Write the draft, the first one where there is none (``lock_version`` 0). Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_manage(by))
    checked = checked_schema(schema)
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    newest = QuestionnaireVersion.objects.filter(questionnaire=questionnaire).order_by("-number")[0]
    if newest.is_draft:
        if newest.lock_version != lock_version:
            raise SomebodyWasFaster
        newest.schema, newest.lock_version = checked, lock_version + 1
        newest.save(update_fields=["schema", "lock_version"])
    else:
        newest = QuestionnaireVersion.objects.create(
            questionnaire=questionnaire, number=newest.number + 1, schema=checked, made_at=clock.now(), made_by=by
        )
    _record("changed", questionnaire, by, version=newest.number)
    return newest


@transaction.atomic
def publish_questionnaire(questionnaire: Questionnaire, *, by: User | None) -> QuestionnaireVersion:
    """Visits made from now on ask what the draft says. Raises NotPermitted, SomebodyWasFaster where there is no draft."""
    require(policies.why_not_manage(by))
    draft = QuestionnaireVersion.objects.filter(questionnaire=questionnaire, state=VersionState.DRAFT)
    if not draft.update(state=VersionState.PUBLISHED, published_at=clock.now()):
        raise SomebodyWasFaster
    published = QuestionnaireVersion.objects.filter(questionnaire=questionnaire).order_by("-number")[0]
    _record("published", questionnaire, by, version=published.number)
    return published


@transaction.atomic
def switch_questionnaire(questionnaire: Questionnaire, *, is_active: bool, by: User | None) -> None:
    """Offer it to rules, or no more; rules that name it keep it. Raises NotPermitted."""
    require(policies.why_not_manage(by))
    if Questionnaire.objects.filter(pk=questionnaire.pk, is_active=not is_active).update(is_active=is_active):
        _record("switched_on" if is_active else "switched_off", questionnaire, by)
