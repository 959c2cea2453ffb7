"""Writing canned texts."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels import policies
from onepoint.channels.canned import unknown_names
from onepoint.channels.models import CannedText
from onepoint.channels.states import CannedMedium
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean

LONGEST = 2000


@transaction.atomic
def create_canned_text(
    *,
    code: str,
    name: str,
    text: str,
    by: User | None,
    name_en: str = "",
    text_en: str = "",
    media: list[str] | None = None,
    unit: OrgUnit | None = None,
) -> CannedText:
    """Add a text. Raises NotPermitted and InvalidInput (an empty or used code, a name in brackets nobody fills in)."""
    require(policies.why_not_change_canned_texts(by))
    values = _checked(name=name, name_en=name_en, text=text, text_en=text_en, media=media or [], unit=unit)
    code = clean(code).lower()
    if not code or not code.replace("-", "").replace("_", "").isascii() or len(code) > 40 or not _is_slug(code):
        raise InvalidInput({"code": _("Please use letters, digits and hyphens.")})
    if CannedText.objects.filter(code=code).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    canned = CannedText.objects.create(code=code, **values)
    audit.record(
        "canned_text.created",
        by=by,
        subject_type="canned_text",
        subject_id=canned.pk,
        name=canned.name,
        name_en=canned.name_en,
    )
    return canned


def _is_slug(code: str) -> bool:
    return all(sign.isalnum() or sign in "-_" for sign in code)


@transaction.atomic
def change_canned_text(canned: CannedText, *, revision: int, by: User | None, is_active: bool, **values: Any) -> None:
    """Change everything but the code; ``revision`` is the one looked at.

    Raises NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_change_canned_texts(by))
    new = {**_checked(**values), "is_active": is_active}
    changed = [name for name, value in new.items() if value != getattr(canned, name)]
    if not CannedText.objects.filter(pk=canned.pk, revision=revision).update(revision=F("revision") + 1, **new):
        raise SomebodyWasFaster
    if changed:
        audit.record(
            "canned_text.changed", by=by, subject_type="canned_text", subject_id=canned.pk, fields=", ".join(changed)
        )


def _checked(
    *, name: str, name_en: str, text: str, text_en: str, media: list[str], unit: OrgUnit | None
) -> dict[str, Any]:
    values: dict[str, Any] = {"name": clean(name), "name_en": clean(name_en)}
    values |= {"text": clean(text), "text_en": clean(text_en), "unit": unit}
    errors: dict[str, str] = {}
    if not values["name"] or len(values["name"]) > 80:
        errors["name"] = _("Please give a name of at most 80 characters.")
    if not values["text"]:
        errors["text"] = _("Please write the text.")
    for field in ("text", "text_en"):
        if len(values[field]) > LONGEST:
            errors[field] = _("Please write at most %(limit)s characters.") % {"limit": LONGEST}
        elif unknown := unknown_names(values[field]):
            errors[field] = _("Nobody fills in {%(name)s}.") % {"name": unknown[0]}
    values["media"] = [medium for medium in CannedMedium.values if medium in media]
    if errors:
        raise InvalidInput(errors)
    return values
