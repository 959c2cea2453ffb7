"""Writes of the house's own texts."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.notifications import policies, wording
from onepoint.notifications.models import NotificationTemplate
from onepoint.notifications.registry import LANGUAGES, Event
from onepoint.notifications.states import Way

LONGEST_SUBJECT = 200
LONGEST_BODY = 4000


@transaction.atomic
def change_wording(
    event: Event, way: str, language: str, *, subject: str, body: str, seen: str, by: User | None
) -> NotificationTemplate:
    """Word an event the house's own way. ``seen`` is the ``stamp_of`` the text the person began with.

    Raises NotPermitted, and InvalidInput for an unknown variable, an empty text, or one somebody changed meanwhile.
    """
    require(policies.why_not_manage_notifications(by))
    subject, body = " ".join(clean(subject).split()), clean(body).replace("\r\n", "\n")
    require_wording(event, way, language, subject, body)
    row = _locked(event, way, language)
    if stamp_of(row) != seen:
        raise InvalidInput(
            {"body": _("Somebody else changed this text meanwhile. Compare yours with the current one.")}
        )
    before = [row.subject, row.body]
    row.subject, row.body, row.changed_at = subject if way != Way.SMS else "", body, clock.now()
    row.save()
    _record("notification_text.changed", row, by, before=before, after=[row.subject, row.body])
    return row


@transaction.atomic
def reset_wording(event: Event, way: str, language: str, *, by: User | None) -> None:
    """Back to the delivered text; what stood there stays in the history. Raises NotPermitted."""
    require(policies.why_not_manage_notifications(by))
    row = _locked(event, way, language)
    if not row.is_own:
        return
    before = [row.subject, row.body]
    row.subject, row.body, row.changed_at = "", "", clock.now()
    row.save()
    _record("notification_text.reset", row, by, before=before)


def require_wording(event: Event, way: str, language: str, subject: str, body: str) -> None:
    """Raises InvalidInput naming what is wrong with a text."""
    errors = {}
    if language not in LANGUAGES or way not in Way.values:
        raise InvalidInput({"body": _("There is no such text.")})
    if way != Way.SMS and not subject:
        errors["subject"] = _("Please fill this in.")
    if not body:
        errors["body"] = _("Please fill this in.")
    for name, text, most in (("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY)):
        if unknown := wording.unknown_variables(text, event.variable_names):
            names = ", ".join(f"{{{variable}}}" for variable in unknown)
            errors[name] = _("There is no variable %(names)s.") % {"names": names}
        elif len(text) > most:
            errors[name] = _("At most %(most)s characters.") % {"most": most}
    if errors:
        raise InvalidInput(errors)


def stamp_of(row: NotificationTemplate | None) -> str:
    """Tells whether a text is still the one somebody looked at."""
    return row.changed_at.isoformat() if row and row.is_own else ""


def _locked(event: Event, way: str, language: str) -> NotificationTemplate:
    which = {"event": event.name, "way": way, "language": language}
    NotificationTemplate.objects.get_or_create(**which, defaults={"changed_at": clock.now()})
    return NotificationTemplate.objects.select_for_update().get(**which)


def _record(verb: str, row: NotificationTemplate, by: User | None, **facts: Any) -> None:
    audit.record(
        verb, by=by, subject_type="notification_text", subject_id=row.pk, event=row.event, way=row.way,
        language=row.language, **facts,
    )  # fmt: skip
