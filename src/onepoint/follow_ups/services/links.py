"""Asking by a message: the link is sent, waited for, and followed by the next way."""

from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels import services as channel_services
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.states import Medium
from onepoint.core import clock
from onepoint.follow_ups import links
from onepoint.follow_ups.calm import calm_moment
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.questions import sheet_of
from onepoint.follow_ups.services.visiting import add_attempt, change, locked, tell, try_next_way
from onepoint.follow_ups.states import LINK_WAYS, AttemptOutcome, VisitState, VisitWay
from onepoint.tickets.reaching import reach_of

ABOUT = "follow_up"
AT_ONCE = 200
_MEDIUM = {VisitWay.SMS: Medium.SMS, VisitWay.EMAIL: Medium.EMAIL}
USUAL_WAIT = timedelta(hours=24)


def look_after_links(*, by: User | None, most: int | None = None) -> int:
    """Send the links that are due, and try the next way where nobody answered; returns how many visits were moved."""
    moved = 0
    while most is None or moved < most:
        count = _one_batch()
        moved += count
        if count < AT_ONCE:
            break
    return moved


@transaction.atomic
def _one_batch() -> int:
    due = FollowUp.objects.waiting().filter(way__in=LINK_WAYS, due_at__lte=clock.now(), expires_at__gt=clock.now())
    rows = due.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk")
    chosen = list(
        rows.select_related(
            "rule_version", "questionnaire__questionnaire", "ticket__customer", "ticket__region", "ticket__category"
        )[:AT_ONCE]
    )
    for follow_up in chosen:
        if follow_up.sent_at is None:
            _send(follow_up)
        else:
            _give_up(follow_up)
    return len(chosen)


def _give_up(follow_up: FollowUp) -> None:
    """Nobody answered: the next way; where there is none, the link stays good until it expires."""
    ways = follow_up.rule_version.ways if follow_up.rule_version else []
    if follow_up.way in ways[:-1]:
        try_next_way(follow_up)
    else:
        change(follow_up, due_at=follow_up.expires_at)


def _send(follow_up: FollowUp) -> None:
    now = clock.now()
    calm = calm_moment(now, follow_up.rule_version)
    if calm > now:
        change(follow_up, due_at=calm)
        return
    ticket, way = follow_up.ticket, follow_up.way
    address = reach_of(ticket).address(way)
    url = links.address_of(follow_up)
    key = f"visit-{follow_up.pk}-{way}"
    if not address or (way == VisitWay.EMAIL and not url):
        add_attempt(follow_up, way, AttemptOutcome.NO_ADDRESS, key=key, by=None)
        try_next_way(follow_up)
        return
    with translation.override(ticket.customer.language if ticket.customer else "zh-hans"):
        subject, text = words_of(follow_up, url)
    channel_services.send_message(
        _MEDIUM[VisitWay(way)], address, key=key, subject=subject, text=text, about=(ABOUT, follow_up.pk),
        audience=[one for one in follow_up.audience if one[:1] in "PUR"], expires_at=follow_up.expires_at,
        language=ticket.customer.language if ticket.customer else "zh-hans", by=None,
    )  # fmt: skip
    add_attempt(follow_up, way, AttemptOutcome.SENT, key=key, by=None)
    rule = follow_up.rule_version
    wait = timedelta(hours=rule.link_hours) if rule else USUAL_WAIT
    change(follow_up, sent_at=now, due_at=now + wait)
    tell("link_sent", follow_up, None, way=way)


def words_of(follow_up: FollowUp, url: str) -> tuple[str, str]:
    """Subject and text of the message, in the language in force: the number of the ticket, never what it is about."""
    number = follow_up.ticket.number
    subject = _("How satisfied are you with %(number)s?") % {"number": number}
    text = [_("Your request %(number)s has been dealt with. Has it been settled?") % {"number": number}]
    question = sheet_of(follow_up.questionnaire.schema).deciding if follow_up.questionnaire else None
    if question is not None and follow_up.way == VisitWay.SMS:
        digits = ", ".join(f"{option.value} {option.label}" for option in question.options)
        text.append(_("Answer with one digit: %(digits)s.") % {"digits": digits})
    if url:
        text.append(_("Or open %(url)s") % {"url": url})
    return subject, " ".join(text)


@transaction.atomic
def note_undelivered(message: OutgoingMessage, *, reason: str, by: User | None) -> None:
    """The message with the link was given up: the next way is tried at once."""
    follow_up = FollowUp.objects.filter(pk=message.about_id or 0).first()
    if follow_up is None:
        return
    follow_up = locked(follow_up)
    sent_as = f"visit-{follow_up.pk}-{follow_up.way}"
    if follow_up.state != VisitState.WAITING or message.key != sent_as or follow_up.sent_at is None:
        return
    add_attempt(follow_up, follow_up.way, AttemptOutcome.UNDELIVERED, key=f"{sent_as}-dead", note=reason[:500], by=None)
    try_next_way(follow_up)
