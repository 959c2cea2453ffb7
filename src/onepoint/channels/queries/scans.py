"""Reads of faxes and letters."""

from datetime import datetime

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.channels.models import Contact, IncomingMail, IncomingScan, IncomingScanQuerySet, ScanSource
from onepoint.channels.states import ScanState

#: What waits for people or is in their hands.
OPEN = [ScanState.WAITING, ScanState.CLAIMED]


def filtered_scans(
    *,
    visible_to: User,
    state: str = "",
    only_open: bool = False,
    channel: str = "",
    text: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> IncomingScanQuerySet:
    """Faxes and letters of the list; ``text`` is part of file name, sender or post number, ``end`` is excluded."""
    found = IncomingScan.objects.visible_to(visible_to).select_related("agent", "unit", "contact")
    if only_open:
        found = found.filter(state__in=OPEN)
    elif state:
        found = found.filter(state=state)
    if channel:
        found = found.filter(channel=channel)
    if start is not None:
        found = found.filter(received_at__gte=start)
    return found if end is None else found.filter(received_at__lt=end)


def find_scan(pk: int, *, visible_to: User) -> IncomingScan | None:
    """One fax or letter, or None when there is none or it is outside the person's scope."""
    found = IncomingScan.objects.visible_to(visible_to)
    return found.select_related("agent", "unit", "contact", "file", "source").filter(pk=pk).first()


def scan_of_contact(contact: Contact) -> IncomingScan | None:
    """The fax or letter a contact was journaled for."""
    return IncomingScan.objects.select_related("file").filter(contact=contact).first()


def scans_of_mail(mail: IncomingMail, *, visible_to: User) -> list[IncomingScan]:
    """What a mail of a fax server or a scanner became, as far as the person sees it."""
    return list(IncomingScan.objects.visible_to(visible_to).filter(mails=mail).order_by("pk"))


def scan_sources() -> QuerySet[ScanSource]:
    """The watched folders; they are the house's own."""
    return ScanSource.objects.select_related("unit")


def find_scan_source(pk: int) -> ScanSource | None:
    return scan_sources().filter(pk=pk).first()


def watched_sources() -> list[ScanSource]:
    """Folders to be looked into."""
    return list(scan_sources().filter(is_active=True))
