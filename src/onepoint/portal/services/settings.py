"""What the house decides about its portal: rules, words, web sites that may frame the form."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.portal import policies
from onepoint.portal.models import FramingOrigin, PortalRules, PublicWording
from onepoint.portal.states import STATUS_LABELS, Stage


@transaction.atomic
def change_rules(
    *, is_open: bool, reopen_days: int, remind_hours: int, hotline: str = "", by: User | None
) -> PortalRules:
    """Change the rules of the portal. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage(by))
    if not 0 <= reopen_days <= 365:
        raise InvalidInput({"reopen_days": _("Please enter a number from 0 to 365.")})
    if not 1 <= remind_hours <= 240:
        raise InvalidInput({"remind_hours": _("Please enter a number from 1 to 240.")})
    PortalRules.objects.get_or_create(pk=1)
    rules = PortalRules.objects.select_for_update().get(pk=1)
    wanted: dict[str, Any] = {
        "is_open": is_open, "reopen_days": reopen_days, "remind_hours": remind_hours, "hotline": clean(hotline)[:40],
    }  # fmt: skip
    changes = {name: [getattr(rules, name), value] for name, value in wanted.items() if getattr(rules, name) != value}
    for name, value in wanted.items():
        setattr(rules, name, value)
    rules.save()
    if changes:
        audit.record("portal.rules_changed", by=by, subject_type="portal_rules", subject_id=1, changes=changes)
    return rules


@dataclass(frozen=True)
class WordingItems:
    """Words for a status, of every process or one, or for one step of one process."""

    words: str
    words_en: str
    process_key: str = ""
    status: str = ""
    node_id: str = ""
    stage: str = ""


def _checked(items: WordingItems) -> dict[str, str]:
    values = {name: clean(value) for name, value in asdict(items).items()}
    errors = {}
    if not values["words"] or len(values["words"]) > 200:
        errors["words"] = _("Please write what customers read, in at most 200 characters.")
    if not values["words_en"] or len(values["words_en"]) > 300:
        errors["words_en"] = _("Please write what customers read in English, in at most 300 characters.")
    if bool(values["status"]) == bool(values["node_id"]) or (values["node_id"] and not values["process_key"]):
        errors["status"] = _("Please choose a status, or a step of a process.")
    if values["status"] and values["status"] not in STATUS_LABELS:
        errors["status"] = _("Please choose from the list.")
    if values["stage"] and values["stage"] not in Stage.values:
        errors["stage"] = _("Please choose from the list.")
    if errors:
        raise InvalidInput(errors)
    return values


@transaction.atomic
def write_wording(items: WordingItems, *, by: User | None) -> PublicWording:
    """Give a status or a step words of the house's own. Raises NotPermitted, InvalidInput (also where it has some)."""
    require(policies.why_not_manage(by))
    values: dict[str, Any] = _checked(items)
    try:
        with transaction.atomic():
            wording = PublicWording.objects.create(**values, changed_at=clock.now())
    except IntegrityError as error:
        raise InvalidInput({"status": _("There are words for this already.")}) from error
    audit.record("public_wording.written", by=by, subject_type="public_wording", subject_id=wording.pk, **values)
    return wording


@transaction.atomic
def change_wording(wording: PublicWording, *, words: str, words_en: str, stage: str = "", by: User | None) -> None:
    """Change the words; what they are for stays. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage(by))
    kept = {"process_key": wording.process_key, "status": wording.status, "node_id": wording.node_id}
    values = _checked(WordingItems(words=words, words_en=words_en, stage=stage, **kept))
    PublicWording.objects.filter(pk=wording.pk).update(
        words=values["words"], words_en=values["words_en"], stage=values["stage"], changed_at=clock.now()
    )
    audit.record(
        "public_wording.changed", by=by, subject_type="public_wording", subject_id=wording.pk, was=wording.words,
        words=values["words"], words_en=values["words_en"], stage=values["stage"],
    )  # fmt: skip


@transaction.atomic
def remove_wording(wording: PublicWording, *, by: User | None) -> None:
    """Go back to the usual words. Raises NotPermitted."""
    require(policies.why_not_manage(by))
    if PublicWording.objects.filter(pk=wording.pk).delete()[0]:
        audit.record(
            "public_wording.removed", by=by, subject_type="public_wording", subject_id=wording.pk, words=wording.words
        )


def origin_from(text: str) -> str:
    """``https://www.example.com`` (with a port where it has one). Raises InvalidInput for anything else."""
    refused = InvalidInput({"origin": _("Please enter an address such as https://www.example.com.")})
    typed = clean(text).lower()
    if len(typed) > 200 or any(character.isspace() or character in ";,'\"*" for character in typed):
        raise refused
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError as error:
        raise refused from error
    is_whole = parts.scheme in ("https", "http") and parts.hostname and not parts.username
    if not is_whole or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise refused
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.encode("idna").decode() if not host.isascii() else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


@transaction.atomic
def add_origin(*, origin: str, name: str, by: User | None) -> FramingOrigin:
    """Let a web site show the form in a frame. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage(by))
    address = origin_from(origin)
    if not clean(name):
        raise InvalidInput({"name": _("Please give the web site a name.")})
    if FramingOrigin.objects.filter(origin=address).exists():
        raise InvalidInput({"origin": _("This web site is listed already.")})
    added = FramingOrigin.objects.create(origin=address, name=clean(name)[:80], changed_at=clock.now())
    audit.record("framing_origin.added", by=by, subject_type="framing_origin", subject_id=added.pk, origin=address)
    return added


@transaction.atomic
def change_origin(origin: FramingOrigin, *, is_active: bool, by: User | None) -> None:
    """Allow a web site the form or no longer. Raises NotPermitted."""
    require(policies.why_not_manage(by))
    changed = FramingOrigin.objects.filter(pk=origin.pk).exclude(is_active=is_active)
    if changed.update(is_active=is_active, changed_at=clock.now()):
        verb = "framing_origin.allowed" if is_active else "framing_origin.stopped"
        audit.record(verb, by=by, subject_type="framing_origin", subject_id=origin.pk, origin=origin.origin)
