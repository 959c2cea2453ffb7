"""Setting up mailboxes, and the claims and notes of whoever fetches from them."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.imap import Fetched, Folder, MailServerError, Place
from onepoint.channels.models import Mailbox
from onepoint.channels.policies import mail as policies
from onepoint.channels.services.mails import take_in_mail
from onepoint.channels.states import MailEncryption, MailLeft
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.sealing import SealBroken, seal, unseal
from onepoint.core.text import clean

#: A worker that has not renewed it by then is taken for dead.
LEASE = timedelta(seconds=90)
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=15)  # after a failure
FIELDS = (
    "name", "name_en", "address", "host", "port", "encryption", "verifies", "username", "folder", "waits", "poll_seconds", "left",
    "begins_at", "creates_tickets", "category_code", "ticket_kind", "unit", "region", "closed_rule", "acknowledgement",
    "gateway", "most_per_hour", "most_tickets_per_hour", "most_answers_per_day", "purpose", "only_from", "trusted_server",
    "forged_rule", "same_matter_minutes",
)  # fmt: skip
#: A change of one of these means another folder: it is fetched from its beginning (``begins_at``).
_OF_THE_FOLDER = ("host", "username", "folder")


@transaction.atomic
def create_mailbox(*, values: Mapping[str, Any], password: str, is_active: bool = True, by: User | None) -> Mailbox:
    """Set a mailbox up; mail is fetched from it at once. Raises NotPermitted and InvalidInput (by field)."""
    require(policies.why_not_change_mailboxes(by))
    mailbox = Mailbox(created_at=clock.now(), is_active=is_active, sealed_secrets=_sealed(password))
    _apply(mailbox, values)
    mailbox.save(force_insert=True)
    audit.record(
        "mailbox.created",
        by=by,
        subject_type="mailbox",
        subject_id=mailbox.pk,
        name=mailbox.name,
        name_en=mailbox.name_en,
    )
    return mailbox


@transaction.atomic
def change_mailbox(
    mailbox: Mailbox, *, revision: int, values: Mapping[str, Any], password: str = "", by: User | None
) -> None:
    """Change a mailbox; an empty password stays. Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_change_mailboxes(by))
    locked = Mailbox.objects.select_for_update(of=("self",)).get(pk=mailbox.pk)
    if locked.revision != revision:
        raise SomebodyWasFaster
    changed = [name for name in FIELDS if name in values and getattr(locked, name) != values[name]]
    _apply(locked, values)
    if password:
        locked.sealed_secrets = _sealed(password)
        changed.append("password")
    if any(name in changed for name in _OF_THE_FOLDER):
        locked.uid_validity, locked.last_uid = None, 0
    locked.revision += 1
    locked.next_fetch_at, locked.failing_since, locked.last_error = None, None, ""
    locked.save()
    audit.record(
        "mailbox.changed", by=by, subject_type="mailbox", subject_id=mailbox.pk, fields=", ".join(changed)
    )  # fmt: skip


@transaction.atomic
def switch_mailbox(mailbox: Mailbox, *, on: bool, by: User | None) -> None:
    """Fetch from a mailbox, or not. Raises NotPermitted, SomebodyWasFaster."""
    require(policies.why_not_change_mailboxes(by))
    if not Mailbox.objects.filter(pk=mailbox.pk, is_active=not on).update(is_active=on, next_fetch_at=None):
        raise SomebodyWasFaster
    verb = "mailbox.switched_on" if on else "mailbox.switched_off"
    audit.record(verb, by=by, subject_type="mailbox", subject_id=mailbox.pk)


@transaction.atomic
def remove_mailbox(mailbox: Mailbox, *, by: User | None) -> None:
    """Take a mailbox away that is switched off; its mails stay. Raises NotPermitted, MailboxInUse."""
    mailbox.refresh_from_db(fields=["is_active"])
    require(policies.why_not_remove_mailbox(mailbox, by))
    audit.record(
        "mailbox.removed",
        by=by,
        subject_type="mailbox",
        subject_id=mailbox.pk,
        name=mailbox.name,
        name_en=mailbox.name_en,
    )
    mailbox.delete()


@dataclass(frozen=True)
class Tried:
    """What a try to log in found: how many mails wait, or why it failed."""

    count: int = 0
    can_wait: bool = False
    problem: str = ""


def try_mailbox(mailbox: Mailbox, *, by: User | None) -> Tried:
    """Log in and look into the folder, here and now; nothing is fetched. Raises NotPermitted."""
    require(policies.why_not_change_mailboxes(by))
    try:
        folder = Folder(place_of(mailbox))
    except MailServerError as problem:
        return Tried(problem=problem.reason)
    try:
        fresh = folder.uid_validity != mailbox.uid_validity
        since = mailbox.begins_at.date() if mailbox.begins_at and fresh else None
        return Tried(len(folder.uids_after(0 if fresh else mailbox.last_uid, since=since)), folder.can_wait)
    except MailServerError as problem:
        return Tried(problem=problem.reason)
    finally:
        folder.close()


def place_of(mailbox: Mailbox) -> Place:
    """Where the mailbox is and how one gets in. Raises MailServerError."""
    try:
        password = unseal(mailbox.sealed_secrets).get("password", "")
    except SealBroken as problem:
        raise MailServerError(
            _("Its passwords cannot be read with this secret key. Please enter them again.")
        ) from problem
    return Place(
        mailbox.host, mailbox.port, mailbox.encryption, mailbox.verifies, mailbox.username, password, mailbox.folder
    )


def _sealed(password: str) -> str:
    return seal({"password": password}) if password else ""


def _apply(mailbox: Mailbox, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            value = values[name]
            setattr(mailbox, name, clean(value) if isinstance(value, str) else value)
    mailbox.address = mailbox.address.lower()
    errors: dict[str, str] = {}
    try:
        mailbox.full_clean(exclude={one.name for one in Mailbox._meta.fields} - set(FIELDS) | {"unit"})
    except ValidationError as problem:
        errors = {name: " ".join(texts) for name, texts in problem.message_dict.items()}
    if any(ord(char) < 32 for char in mailbox.username + mailbox.folder + mailbox.host):
        errors["username"] = _("Names and passwords hold no line breaks.")
    if mailbox.encryption == MailEncryption.NONE and mailbox.username and not _is_near(mailbox.host):
        errors["encryption"] = _("A password is not sent without encryption.")
    if mailbox.creates_tickets and not mailbox.category_code:
        errors["category_code"] = _("A ticket needs a category.")
    if mailbox.unit is None:
        errors["unit"] = _("Please choose the unit that reads this mail.")
    for name, low, high in (
        ("poll_seconds", 10, 3600),
        ("most_per_hour", 1, 10_000),
        ("most_tickets_per_hour", 1, 1000),
    ):
        if not low <= (getattr(mailbox, name) or 0) <= high:
            errors[name] = _("Please enter a number from %(low)s to %(high)s.") % {"low": low, "high": high}
    if errors:
        raise InvalidInput(errors)


def _is_near(host: str) -> bool:
    """On this machine nobody listens on the way."""
    return host in ("localhost", "127.0.0.1", "::1")


# --- fetching ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hold:
    """A mailbox one worker has to itself until its lease ends, as it was set up at ``revision``."""

    mailbox: Mailbox
    lease: uuid.UUID


def claim_mailbox() -> Hold | None:
    """Take the mailbox that has waited longest to be looked into; None while nothing is due."""
    now = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    due = Q(next_fetch_at=None) | Q(next_fetch_at__lte=now)
    with transaction.atomic():
        rows = Mailbox.objects.filter(free, due, is_active=True).order_by(
            F("next_fetch_at").asc(nulls_first=True), "pk"
        )
        mailbox = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if mailbox is None:
            return None
        lease = uuid.uuid4()
        Mailbox.objects.filter(pk=mailbox.pk).update(lease=lease, leased_until=now + LEASE)
    return Hold(mailbox, lease)


def keep_hold(hold: Hold) -> bool:
    """Renew the lease; False where it was lost, or the mailbox is switched off or set up anew."""
    rows = Mailbox.objects.filter(pk=hold.mailbox.pk, lease=hold.lease, is_active=True, revision=hold.mailbox.revision)
    return bool(rows.update(leased_until=clock.now() + LEASE))


def let_go(hold: Hold, *, problem: str = "", at_once: bool = False) -> None:
    """Give the mailbox back: looked into again after a rest, a longer one where it keeps failing.

    ``at_once`` when this worker ends: the next one is to go on where it was.
    """
    now = clock.now()
    mailbox = Mailbox.objects.filter(pk=hold.mailbox.pk, lease=hold.lease).first()
    if mailbox is None:
        return
    if not problem:
        rest = timedelta() if at_once else timedelta(seconds=mailbox.poll_seconds)
        facts: dict[str, Any] = {"failing_since": None, "last_error": ""}
    else:
        failing = now - (mailbox.failing_since or now)
        rest = min(max(FIRST_REST, failing), LONGEST_REST)
        facts = {"failing_since": mailbox.failing_since or now, "last_error": problem[:400]}
    Mailbox.objects.filter(pk=mailbox.pk, lease=hold.lease).update(
        lease=None, leased_until=None, next_fetch_at=now + rest, **facts
    )


def note_fetched(hold: Hold) -> None:
    """The folder was looked into and everything in it is here."""
    Mailbox.objects.filter(pk=hold.mailbox.pk, lease=hold.lease).update(
        fetched_at=clock.now(), failing_since=None, last_error=""
    )


def begin_folder(hold: Hold, folder: Folder) -> None:
    """Where the server numbered its mails anew, all are looked at again; those known are not taken twice."""
    if hold.mailbox.uid_validity != folder.uid_validity:
        hold.mailbox.uid_validity, hold.mailbox.last_uid = folder.uid_validity, 0
        Mailbox.objects.filter(pk=hold.mailbox.pk, lease=hold.lease).update(
            uid_validity=folder.uid_validity, last_uid=0
        )


class HoldLost(Exception):
    """Another worker has the mailbox, or it was set up anew."""


def fetch_mails(hold: Hold, folder: Folder, *, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Take in everything the folder has beyond what was fetched; returns how many mails were new to the house.

    Each mail and how far we are with it are kept in one transaction; only then is anything done at the server. Leaves
    after the mail it is at when ``is_stopped``. Raises MailServerError, HoldLost.
    """
    mailbox = hold.mailbox
    begin_folder(hold, folder)
    count = 0
    since = mailbox.begins_at.date() - timedelta(days=1) if mailbox.begins_at and mailbox.last_uid == 0 else None
    for uid in folder.uids_after(mailbox.last_uid, since=since):
        if is_stopped():
            return count
        fetched = folder.fetch(uid)
        count += _keep(hold, uid, fetched)
        if fetched is not None and fetched.is_whole:
            _tidy(mailbox, folder, uid)
    if mailbox.last_uid == 0 and folder.uid_next > 1:
        # Nothing of it was young enough: begin where the folder ends.
        mailbox.last_uid = folder.uid_next - 1
        Mailbox.objects.filter(pk=mailbox.pk, lease=hold.lease).update(last_uid=mailbox.last_uid)
    note_fetched(hold)
    return count


def _keep(hold: Hold, uid: int, fetched: Fetched | None) -> int:
    with transaction.atomic():
        rows = Mailbox.objects.filter(pk=hold.mailbox.pk, lease=hold.lease, revision=hold.mailbox.revision)
        if not rows.update(last_uid=uid, leased_until=clock.now() + LEASE):
            raise HoldLost
        taken = take_in_mail(hold.mailbox, fetched.content, is_whole=fetched.is_whole, by=None) if fetched else None
    hold.mailbox.last_uid = uid
    return int(taken is not None)


def _tidy(mailbox: Mailbox, folder: Folder, uid: int) -> None:
    if mailbox.left == MailLeft.SEEN:
        folder.mark(uid, "\\Seen")
    elif mailbox.left == MailLeft.DELETED:
        folder.mark(uid, "\\Deleted")
        folder.expunge(uid)
