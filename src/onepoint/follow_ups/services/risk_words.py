"""Writes of risk words."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.follow_ups import policies
from onepoint.follow_ups.models import RiskWord


@transaction.atomic
def add_risk_word(*, word: str, note: str = "", by: User | None) -> RiskWord:
    """From now on this word of an unsatisfied customer leads to the crisis seats. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage(by))
    said = clean(word)
    if len(said) < 2 or len(said) > 60:
        raise InvalidInput({"word": _("Please give a word of 2 to 60 characters.")})
    try:
        with transaction.atomic():
            made = RiskWord.objects.create(word=said, note=clean(note)[:200])
    except IntegrityError as taken:
        raise InvalidInput({"word": _("This word is in the table already.")}) from taken
    audit.record("risk_word.added", by=by, subject_type="risk_word", subject_id=made.pk, word=made.word)
    return made


@transaction.atomic
def switch_risk_word(word: RiskWord, *, is_active: bool, by: User | None) -> None:
    """Look for the word again, or no more. Raises NotPermitted."""
    require(policies.why_not_manage(by))
    if RiskWord.objects.filter(pk=word.pk, is_active=not is_active).update(is_active=is_active):
        verb = "switched_on" if is_active else "switched_off"
        audit.record(f"risk_word.{verb}", by=by, subject_type="risk_word", subject_id=word.pk, word=word.word)
