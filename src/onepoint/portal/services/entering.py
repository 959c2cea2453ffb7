"""Coming in by a one-time code, and leaving."""

import secrets
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from onepoint.channels.services import send_message
from onepoint.core import audit, clock
from onepoint.core.errors import require
from onepoint.core.throttling import forget_tries
from onepoint.portal import limits, policies, queries
from onepoint.portal.addressing import Address
from onepoint.portal.models import Filing, OneTimeCode, PortalSession
from onepoint.portal.services.filing import NewFiling, confirm_filing, write_filing
from onepoint.tickets.models import Ticket

DIGITS = 6


@dataclass(frozen=True)
class Entered:
    """What a right code opened: a session with the secret of its cookie, and the ticket that was filed with it."""

    session: PortalSession
    secret: str
    ticket: Ticket | None = None
    wanted_number: str = ""


@dataclass(frozen=True)
class SentOff:
    """What became of a form: a ticket at once, or the code that is waited for."""

    ticket: Ticket | None = None
    code: OneTimeCode | None = None


def _digest(token: object, digits: str) -> str:
    """Keyed with the house's secret: six digits alone would be found from any hash."""
    return salted_hmac("onepoint.portal.code", f"{token}:{digits}", algorithm="sha256").hexdigest()


def ask_code(
    address: Address, *, network: str, filing: Filing | None = None, wanted_number: str = "", by: PortalSession | None
) -> OneTimeCode:
    """Send a new code to an address, whoever it belongs to, so that the answer tells nothing about it.

    Older codes to it open nothing any more. ``network`` is where it is asked from. Raises NoWayForCode, TooManyTries.
    """
    require(policies.why_not_send_code(address))
    limits.count(limits.CODES_FROM_NETWORK, network)
    limits.count(limits.CODES_TO_ADDRESS, limits.key_of(address))
    return _send_code(address, filing, wanted_number)


@transaction.atomic
def _send_code(address: Address, filing: Filing | None, wanted_number: str) -> OneTimeCode:
    now = clock.now()
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    token = uuid4()
    OneTimeCode.objects.filter(address=address.key, medium=address.medium, used_at=None, expires_at__gt=now).update(
        expires_at=now
    )
    language = get_language() or "zh-hans"
    code = OneTimeCode.objects.create(
        token=token, medium=address.medium, address=address.key, digest=_digest(token, digits), made_at=now,
        expires_at=now + limits.CODE_LIFE, language=language, filing=filing, wanted_number=wanted_number[:20],
    )  # fmt: skip
    minutes = int(limits.CODE_LIFE.total_seconds() // 60)
    send_message(
        address.medium, address.key, key=f"portal-code-{token}", subject=_("Your code"),
        text=_("%(code)s is your code for the service pages. It is valid for %(minutes)s minutes. Tell it to nobody; we never ask for it.")
        % {"code": digits, "minutes": minutes},
        urgent=True, confidential=True, expires_at=code.expires_at, language=language, by=None,
    )  # fmt: skip
    return code


def send_off(new: NewFiling, *, network: str, by: PortalSession | None) -> SentOff:
    """Take a filled-in form: a ticket at once where the session has proved the very same address, else a code is sent.

    Sent twice it is one request and one code. Raises TooManyTries, NoWayForCode, InvalidInput, CategoryNotUsable,
    FileNotAccepted.
    """
    is_proved = by is not None and by.reached_by == new.address
    if not is_proved:
        require(policies.why_not_send_code(new.address))
    limits.count(limits.FILINGS_FROM_NETWORK, network)
    limits.count(limits.FILINGS_OF_ADDRESS, limits.key_of(new.address))
    filing = write_filing(new, by=by)
    if is_proved or filing.ticket is not None:
        return SentOff(ticket=confirm_filing(filing, by=by))
    code = queries.code_waiting_for(filing)
    return SentOff(code=code or ask_code(new.address, network=network, filing=filing, by=by))


def enter_code(code: OneTimeCode, *, digits: str, network: str, by: PortalSession | None = None) -> Entered:
    """Open a session with the code that was sent; where a filing waited for it, that becomes a ticket.

    Each try is counted before it is judged and stays counted. Raises WrongCode, CodeOver, TooManyTries, and what filing raises.
    """
    _judge(code, digits, network)
    return _open(code)


def prove_filing(code: OneTimeCode, *, digits: str, network: str, by: PortalSession | None = None) -> Ticket:
    """Send off the filing that waited for this code, without a session. Raises as :func:`enter_code`."""
    if code.filing is None:
        raise policies.CodeOver
    _judge(code, digits, network)
    return _prove(code, code.filing)


def _judge(code: OneTimeCode, digits: str, network: str) -> None:
    limits.count(limits.ENTRIES_FROM_NETWORK, network)
    left = _count_try(code)
    if not constant_time_compare(_digest(code.token, digits.strip()), code.digest):
        require(policies.WrongCode(left=left) if left else policies.CodeOver())
    forget_tries(f"portal:{limits.CODES_TO_ADDRESS[0].name}:{limits.key_of(code.reached_by)}")


def _count_try(code: OneTimeCode) -> int:
    """The tries left after this one. Raises CodeOver where there was none left."""
    usable = OneTimeCode.objects.filter(
        pk=code.pk, used_at=None, expires_at__gt=clock.now(), tries__lt=limits.CODE_TRIES
    )
    if not usable.update(tries=F("tries") + 1):
        raise policies.CodeOver
    code.refresh_from_db(fields=["tries"])
    return limits.CODE_TRIES - code.tries


def _use(code: OneTimeCode) -> None:
    if not OneTimeCode.objects.filter(pk=code.pk, used_at=None).update(used_at=clock.now()):
        raise policies.CodeOver


@transaction.atomic
def _prove(code: OneTimeCode, filing: Filing) -> Ticket:
    _use(code)
    with override(code.language):
        return confirm_filing(filing, by=None)


@transaction.atomic
def _open(code: OneTimeCode) -> Entered:
    ticket = None
    if code.filing is not None:  # before the session: it may make the customer the session is then bound to
        ticket = _prove(code, code.filing)
    else:
        _use(code)
    session, secret = _begin_session(code.reached_by)
    return Entered(session, secret, ticket, code.wanted_number)


def _begin_session(address: Address) -> tuple[PortalSession, str]:
    now = clock.now()
    secret = secrets.token_urlsafe(32)
    session = PortalSession.objects.create(
        medium=address.medium, address=address.key, digest=queries.digest_of(secret),
        customer=queries.known_by(address).owner, began_at=now, seen_at=now, expires_at=now + limits.SESSION_LIFE,
    )  # fmt: skip
    audit.record(
        "portal.entered", by=None, subject_type="portal_session", subject_id=session.pk, address=address.masked
    )
    if session.customer_id:
        audit.record(
            "portal.entered", by=None, subject_type="customer", subject_id=session.customer_id, address=address.masked
        )
    return session, secret


def note_activity(session: PortalSession, *, by: PortalSession) -> None:
    """Keep a session alive, to the minute, so that most requests write nothing. Not journaled."""
    now = clock.now()
    if (now - session.seen_at).total_seconds() >= 60:
        PortalSession.objects.filter(pk=session.pk).update(seen_at=now)


@transaction.atomic
def end_session(session: PortalSession, *, by: PortalSession) -> None:
    """The customer leaves: the cookie opens nothing any more."""
    PortalSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=clock.now())
    audit.record("portal.left", by=None, subject_type="portal_session", subject_id=session.pk)
