"""Writes of score cards: a draft is edited, published it stays as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.quality import inspection_rights as rights
from onepoint.quality.inspection_states import CardAbout, CardState
from onepoint.quality.models import Scorecard, ScorecardVersion
from onepoint.quality.scoring import checked_items

Rows = Sequence[Mapping[str, Any]]


def _record(verb: str, card: Scorecard, by: User | None, **more: Any) -> None:
    audit.record(
        f"scorecard.{verb}", by=by, subject_type="scorecard", subject_id=card.pk, name=card.name, name_en=card.name_en, **more
    )  # fmt: skip


@transaction.atomic
def create_scorecard(*, code: str, name: str, name_en: str = "", about: str, items: Rows, by: User | None) -> Scorecard:
    """A new card with its first draft. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_plan(by))
    checked = checked_items(items)
    if about not in CardAbout.values or not clean(name):
        raise InvalidInput({"name": _("Please give it a name and say what it judges.")})
    try:
        with transaction.atomic():
            made = Scorecard.objects.create(
                code=clean(code), name=clean(name)[:80], name_en=clean(name_en)[:120], about=about
            )
    except IntegrityError as taken:
        raise InvalidInput({"code": _("There is a score card with this code.")}) from taken
    ScorecardVersion.objects.create(scorecard=made, number=1, items=checked, made_at=clock.now(), made_by=by)
    _record("created", made, by)
    return made


@transaction.atomic
def write_draft(card: Scorecard, *, items: Rows, lock_version: int, by: User | None) -> ScorecardVersion:
    """Write the draft, the first one where there is none (``lock_version`` 0). Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(rights.why_not_plan(by))
    checked = checked_items(items)
    Scorecard.objects.select_for_update().get(pk=card.pk)
    newest = ScorecardVersion.objects.filter(scorecard=card).order_by("-number")[0]
    if newest.is_draft:
        if newest.lock_version != lock_version:
            raise SomebodyWasFaster
        newest.items, newest.lock_version = checked, lock_version + 1
        newest.save(update_fields=["items", "lock_version"])
    elif lock_version:
        raise SomebodyWasFaster  # the draft that was read has been published meanwhile
    else:
        newest = ScorecardVersion.objects.create(
            scorecard=card, number=newest.number + 1, items=checked, made_at=clock.now(), made_by=by
        )
    _record("changed", card, by, version=newest.number)
    return newest


@transaction.atomic
def publish_scorecard(card: Scorecard, *, by: User | None) -> ScorecardVersion:
    """What is drawn from now on is scored by the draft. Raises NotPermitted, SomebodyWasFaster where there is no draft."""
    require(rights.why_not_plan(by))
    draft = ScorecardVersion.objects.filter(scorecard=card, state=CardState.DRAFT)
    if not draft.update(state=CardState.PUBLISHED, published_at=clock.now()):
        raise SomebodyWasFaster
    published = ScorecardVersion.objects.filter(scorecard=card).order_by("-number")[0]
    _record("published", card, by, version=published.number)
    return published


@transaction.atomic
def switch_scorecard(card: Scorecard, *, is_active: bool, by: User | None) -> None:
    """Offer it to plans, or no more; plans that use it keep it. Raises NotPermitted."""
    require(rights.why_not_plan(by))
    if Scorecard.objects.filter(pk=card.pk, is_active=not is_active).update(is_active=is_active):
        _record("switched_on" if is_active else "switched_off", card, by)
