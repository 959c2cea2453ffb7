"""What people typed and have not sent, kept on the server: it survives a closed browser and another desk."""

import json
import re
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from onepoint.core import clock
from onepoint.core.audit import Actor
from onepoint.core.errors import InvalidInput
from onepoint.core.models import Draft
from onepoint.core.prepared import Statement

KEPT = timedelta(days=14)
LARGEST = 64 * 1024  # bytes of JSON
MOST_PER_PERSON = 100
_PLACE = re.compile(r"[a-z0-9][a-z0-9:_-]{0,99}")
_FORBIDDEN = re.compile(r"\\u0000|\\ud[89a-f][0-9a-f]{2}", re.IGNORECASE)


def save_draft(place: str, content: dict[str, Any], *, by: Actor) -> Draft:
    """Keep what a person has typed at ``place``, instead of what was kept there before. Raises InvalidInput."""
    written = _FORBIDDEN.sub("", json.dumps(content))
    if not _PLACE.fullmatch(place) or len(written) > LARGEST:
        raise InvalidInput({"draft": _("This is too much to be kept as a draft.")})
    draft, is_new = Draft.objects.update_or_create(
        actor_id=by.pk, place=place, defaults={"content": json.loads(written), "updated_at": clock.now()}
    )
    if is_new:
        surplus = Draft.objects.filter(actor_id=by.pk).order_by("-updated_at").values_list("pk", flat=True)
        Draft.objects.filter(pk__in=list(surplus[MOST_PER_PERSON:])).delete()
    return draft


def draft_at(place: str, *, by: Actor) -> Draft | None:
    """What a person left at ``place``, unless it is too old."""
    return Draft.objects.filter(actor_id=by.pk, place=place, updated_at__gte=clock.now() - KEPT).first()


_FORGET = Statement("forget_draft", "DELETE FROM core_draft WHERE actor_id = $1::bigint AND place = $2::text")


def forget_draft(place: str, *, by: Actor) -> None:
    """The form was sent, or thrown away."""
    _FORGET.row(by.pk, place)


def forget_old_drafts() -> int:
    """Remove drafts nobody came back to; returns how many."""
    count, _rows = Draft.objects.filter(updated_at__lt=clock.now() - KEPT).delete()
    return count
