"""What a short message means: an answer a survey waits for, words to a ticket, or something for people to look at."""

import logging
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _  # kept as a reason, translated for whoever reads it

from onepoint.accounts.models import User
from onepoint.channels import policies, signals
from onepoint.channels.models import Contact, IncomingText, RefusedNumber, TextRules
from onepoint.channels.queries.texts import messages_to, text_rules
from onepoint.channels.replies import Matter, Reply, matters, read_reply
from onepoint.channels.services.journal import journal_contact, solve_contact
from onepoint.channels.services.texts import end_waiting_for_parts
from onepoint.channels.states import TEXT_MOVES, Channel, TextState
from onepoint.core import audit, clock, jobs
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean, normal_form
from onepoint.customers import queries as customer_queries
from onepoint.customers.models import Customer
from onepoint.customers.states import AccountKind

log = logging.getLogger(__name__)

_HOUSE = uuid.UUID("6f6e6570-6f69-4e74-8f75-74626f780002")
SUBJECT_LENGTH = 60
CANDIDATES = 5
MOST_FAILURES = 5
MOST_AT_ONCE = 200
#: What stays unfiled so long was missed by its job: the tick looks after it.
MISSED_AFTER = timedelta(seconds=20)


def file_texts(*, by: None) -> int:
    """File what came in, the oldest first, each in a transaction of its own; returns how many."""
    tried: list[int] = []
    while (pk := _next_text(tried)) is not None:
        tried.append(pk)
        try:
            file_text(pk, by=by)
        except Exception:  # one that fails must not keep the others waiting
            log.exception("filing the text %s failed", pk)
            _note_failure(pk)
    return len(tried)


def _next_text(tried: list[int]) -> int | None:
    waiting = IncomingText.objects.filter(state=TextState.NEW).exclude(pk__in=tried[-MOST_AT_ONCE:])
    return waiting.order_by("received_at", "pk").values_list("pk", flat=True).first()


def look_after_texts(*, by: None) -> None:
    """What no job has filed is given to one; parts that wait too long are filed without the others. For the tick."""
    waiting = IncomingText.objects.filter(state__in=[TextState.PARTS, TextState.NEW])
    states = set(
        waiting.filter(received_at__lt=clock.now() - MISSED_AFTER).values_list("state", flat=True)[:MOST_AT_ONCE]
    )
    if TextState.PARTS in states:
        end_waiting_for_parts(by=None)
    if TextState.NEW in states:
        jobs.defer_after_commit("channels.file_texts")


def _note_failure(pk: int) -> None:
    with transaction.atomic():
        rows = IncomingText.objects.filter(pk=pk, state=TextState.NEW)
        rows.update(failures=F("failures") + 1)
        rows.filter(failures__gte=MOST_FAILURES).update(
            state=TextState.UNMATCHED,
            reason=_("It could not be filed by itself."),
            audience=_own_audience(text_rules()),
        )


@transaction.atomic
def file_text(pk: int, *, by: None) -> None:
    """Find out what one text means, and journal it. Nothing where somebody else has it or had it."""
    text = (
        IncomingText.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=pk, state=TextState.NEW)
        .first()
    )
    if text is None:
        return
    rules = text_rules()
    found = customer_queries.possible_duplicates(
        visible_to=None, accounts=[(AccountKind.MOBILE, text.sender_key)], limit=CANDIDATES
    )
    customer = found[0] if len(found) == 1 else None
    text.audience = _audience(found, rules)
    since = text.received_at - timedelta(days=rules.reply_days)
    reply = Reply(
        f"sms:{text.pk}",
        text.sender_key,
        text.text.strip(),
        text.received_at,
        messages_to(text.sender_key, since=since),
    )
    matter = _answered(reply)
    if _refuses_or_allows(text, rules) or read_reply(reply):
        contact = _journal(text, rules, customer, matter, by)
        if not contact.ticket_number:
            solve_contact(contact, by=by)
        _keep(text, TextState.READ, contact=contact)
        return
    matter = matter or _only_open(customer)
    refusal = _tell_ticket(text, rules, customer, matter, by) if matter else ""
    if not matter or refusal:
        text.reason = (refusal or _why_unmatched(found, customer))[:200]
        _keep(text, TextState.UNMATCHED)


def _answered(reply: Reply) -> Matter | None:
    """The ticket of the newest message to that number that was about one."""
    known = matters()
    abouts = [(one.about_type, one.about_id) for one in reply.answers if one.about_type and one.about_id]
    found = (known.meant_by(about) for about in dict.fromkeys(abouts)) if known else iter(())
    return next((matter for matter in found if matter), None)


def _only_open(customer: Customer | None) -> Matter | None:
    known = matters()
    found = known.open_of(customer, 2) if known and customer else []
    return found[0] if len(found) == 1 else None


def _why_unmatched(found: list[Customer], customer: Customer | None) -> str:
    if customer:
        return _("The customer has no open ticket, or several.")
    return _("Several customers have this number.") if found else _("Nobody is known by this number.")


def _plain(text: str) -> str:
    return normal_form("NFKC", text).casefold().strip(" \t\r\n.,;:!?。，；：！？\"'“”‘’【】[]()")


def _refuses_or_allows(text: IncomingText, rules: TextRules) -> bool:
    """Whoever sends a stop word gets no advertising any more; what concerns their requests goes on."""
    said = _plain(text.text)
    if said and said in {_plain(word) for word in rules.stop_words.splitlines()}:
        RefusedNumber.objects.get_or_create(
            number_key=text.sender_key,
            defaults={"word": said[:40], "refused_at": text.received_at, "text": text},
        )
        return True
    if said and said in {_plain(word) for word in rules.start_words.splitlines()}:
        return bool(RefusedNumber.objects.filter(number_key=text.sender_key).delete()[0])
    return False


def _tell_ticket(
    text: IncomingText, rules: TextRules, customer: Customer | None, matter: Matter, by: User | None
) -> str:
    """Journal it and announce it to the ticket; why not, where the ticket does not take it any more."""
    try:
        with transaction.atomic():
            contact = _journal(text, rules, customer, matter, by)
            signals.customer_wrote.send(
                IncomingText, contact=contact, ticket_number=matter.number, text=text.text, files=(), by=by
            )
    except BusinessError as refusal:
        return str(refusal)
    _keep(text, TextState.FILED, contact=contact, by=by)
    return ""


def _journal(
    text: IncomingText, rules: TextRules, customer: Customer | None, matter: Matter | None, by: User | None
) -> Contact:
    line = " ".join(text.text.split())
    subject = line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…"
    customer = (matter.customer if matter else None) or customer
    return journal_contact(
        by=by, channel=Channel.SMS, subject=subject or gettext("Empty short message"), content=text.text, customer=customer,
        caller_number=text.sender, caller_name=customer.name if customer else "",
        region=(matter.region if matter else None) or (rules.unit.region if rules.unit and not customer else None),
        unit=(matter.unit if matter else None) or rules.unit, ticket_number=matter.number if matter else "",
        started_at=text.received_at, ended_at=text.received_at, request_key=uuid.uuid5(_HOUSE, f"text {text.pk}"),
    )  # fmt: skip


def _keep(text: IncomingText, state: str, *, contact: Contact | None = None, by: User | None = None) -> None:
    text.state, text.filed_at, text.filed_by = state, clock.now(), by
    if contact is not None:
        text.contact, text.ticket_number, text.reason = contact, contact.ticket_number, ""
        text.audience = sorted({*text.audience, *contact.audience})
    text.save(update_fields=["state", "filed_at", "filed_by", "contact", "ticket_number", "reason", "audience"])


def _own_audience(rules: TextRules) -> list[str]:
    return [f"U{rules.unit.pk}", *([f"R{rules.unit.region_id}"] if rules.unit.region_id else [])] if rules.unit else []


def _audience(found: list[Customer], rules: TextRules) -> list[str]:
    """Who reviews it: the unit the rules name, and those of the customers it may be from."""
    keys = {f"R{customer.region_id}" for customer in found} | {f"U{one.unit_id}" for one in found if one.unit_id}
    return sorted(keys | set(_own_audience(rules)))


# --- by people


@transaction.atomic
def file_to_ticket(texts: list[IncomingText], *, ticket_number: str, by: User | None) -> int:
    """Let texts nobody could file belong to a ticket one sees. Raises NotPermitted, InvalidInput, SomebodyWasFaster.

    And whatever the ticket says to further words of its customer.
    """
    for text in texts[:MOST_AT_ONCE]:
        require(policies.why_not_file_text(text, by))
    known = matters()
    number = clean(ticket_number).upper()
    matter = known.find(number, visible_to=by) if known and by and number else None
    if matter is None:
        raise InvalidInput({"ticket": gettext("You see no ticket of this number.")})
    rules = text_rules()
    for text in texts[:MOST_AT_ONCE]:
        _take("file", text)
        if refusal := _tell_ticket(text, rules, matter.customer, matter, by):
            raise InvalidInput({"ticket": refusal})
        _record("text.filed", text, by, ticket=matter.number)
    return len(texts[:MOST_AT_ONCE])


@transaction.atomic
def file_to_customer(text: IncomingText, *, customer: Customer | None, by: User | None) -> Contact:
    """Journal a text as a contact that is not settled: with a customer, or to be taken in as a request.

    Raises NotPermitted, SomebodyWasFaster.
    """
    require(policies.why_not_file_text(text, by))
    require(policies.why_not_journal_contact(by))
    _take("file", text)
    contact = _journal(text, text_rules(), customer, None, by)
    _keep(text, TextState.FILED, contact=contact, by=by)
    _record("text.filed", text, by, ticket="")
    return contact


@transaction.atomic
def ignore_texts(texts: list[IncomingText], *, by: User | None) -> int:
    """Advertising, wrong numbers: looked at, and nothing to do. Raises NotPermitted, SomebodyWasFaster."""
    for text in texts[:MOST_AT_ONCE]:
        require(policies.why_not_file_text(text, by))
        _take("ignore", text)
        _keep(text, TextState.IGNORED, by=by)
        _record("text.ignored", text, by)
    return len(texts[:MOST_AT_ONCE])


def _take(verb: str, text: IncomingText) -> None:
    origins, target = TEXT_MOVES[verb]
    if not IncomingText.objects.filter(pk=text.pk, state__in=origins).update(state=target):
        raise SomebodyWasFaster


def _record(verb: str, text: IncomingText, by: User | None, **facts: Any) -> None:
    audit.record(verb, by=by, subject_type="incoming_text", subject_id=text.pk, **facts)


@transaction.atomic
def change_text_rules(*, by: User | None, **values: object) -> None:
    """Set how texts are filed. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_change_text_rules(by))
    days = values.get("reply_days")
    if not isinstance(days, int) or not 1 <= days <= 90:
        raise InvalidInput(
            {"reply_days": gettext("Please enter a number from %(low)s to %(high)s.") % {"low": 1, "high": 90}}
        )
    kept = {name: clean(str(values.get(name) or ""))[:2000] for name in ("stop_words", "start_words")}
    kept |= {"reply_days": days, "unit": values.get("unit")}  # type: ignore[dict-item]
    rules, _is_new = TextRules.objects.update_or_create(only_one=True, defaults=kept)
    audit.record("text_rules.changed", by=by, subject_type="text_rules", subject_id=rules.pk)
