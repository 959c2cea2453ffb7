"""Numbers of a business hall: taken, called, served. Of two agents who call at once each gets another number."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels import policies, signals
from onepoint.channels.green import green_for
from onepoint.channels.models import Contact, CounterNumber, CounterQueue, CounterWindow
from onepoint.channels.queries import counter as queries
from onepoint.channels.services.journal import journal_contact
from onepoint.channels.services.outbox import send_message
from onepoint.channels.states import NUMBER_MOVES, Channel, Medium, NumberState
from onepoint.core import audit, clock, live
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.customers import phone_numbers
from onepoint.customers import queries as customer_queries
from onepoint.customers.models import Customer
from onepoint.customers.states import AccountKind

#: Names and telephones of visitors are kept so long.
PERSONAL_KEPT = timedelta(days=30)
MOST_MINUTES = 120
AT_ONCE = 1000
_SMS_WORTH = timedelta(minutes=30)


@transaction.atomic
def take_number(
    queue: CounterQueue,
    *,
    matter: str = "",
    name: str = "",
    phone: str = "",
    request_key: UUID | None = None,
    page_of: Callable[[str], str] | None = None,
    by: User | None,
) -> CounterNumber:
    """Give the next number of a line; sent twice with one ``request_key`` it gives one.

    A telephone that belongs to one customer makes him known, and his level counts as time waited. ``page_of`` makes the
    address of the visitor's own page, sent by SMS where there is a mobile number. Raises NotPermitted, LineClosed,
    InvalidInput.
    """
    require(policies.why_not_give_number(queue, by))
    values = _checked(matter, name, phone)
    if request_key:
        _wait_for_the_same(request_key)
        if made := CounterNumber.objects.select_related("queue__unit").filter(request_key=request_key).first():
            return made
    now, today = clock.now(), clock.today()
    customer = _customer_of(values["phone"])
    number = CounterNumber.objects.create(
        queue=queue, issued_by=queue, day=today, customer=customer, request_key=request_key, taken_at=now,
        counts_from=now - _waited_by_level(queue, customer), **_next_of(queue), **values,
    )  # fmt: skip
    audit.record(
        "counter_number.taken", by=by, subject_type="counter_number", subject_id=number.pk, number=number.label
    )
    if page_of and phone_numbers.is_mobile(number.phone):
        _send_page(number, page_of(number.token), by)
    _tell_hall(queue.unit_id)
    return number


def _checked(matter: str, name: str, phone: str) -> dict[str, str]:
    values = {"matter": clean(matter)[:80], "name": clean(name)[:80], "phone": clean(phone)[:40]}
    if values["phone"] and not phone_numbers.normalise(values["phone"]):
        raise InvalidInput({"phone": _("This is not a telephone number.")})
    return values


def _wait_for_the_same(request_key: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"counter {request_key}"])


def _customer_of(phone: str) -> Customer | None:
    key = phone_numbers.normalise(phone)
    if not key:
        return None
    found = customer_queries.possible_duplicates(visible_to=None, accounts=[(AccountKind.MOBILE, key)], limit=2)
    return found[0] if len(found) == 1 else None


def _waited_by_level(queue: CounterQueue, customer: Customer | None) -> timedelta:
    """As if he had come so much earlier: by his level, and by a green channel for him or this hall."""
    rank = customer.level.rank if customer and customer.level else 0
    green = green_for(customer=customer, unit=queue.unit, channel=Channel.HALL)
    return timedelta(minutes=min((rank + (green.priority if green else 0)) * queue.level_minutes, MOST_MINUTES))


def _next_of(queue: CounterQueue) -> dict[str, Any]:
    """The next of the day: the row of the line is the counter, so that no number comes twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE channels_counterqueue SET last_sequence = CASE WHEN last_day = %(day)s THEN last_sequence + 1 ELSE 1 END,"
            " last_day = %(day)s WHERE id = %(id)s RETURNING last_sequence, prefix",
            {"day": clock.today(), "id": queue.pk},
        )
        sequence, prefix = cursor.fetchone()
    return {"sequence": sequence, "label": f"{prefix}{sequence:03d}"}


def _send_page(number: CounterNumber, address: str, by: User | None) -> None:
    text = _("Your number at %(hall)s is %(number)s. See how many are before you: %(address)s") % {
        "hall": number.queue.unit.label, "number": number.label, "address": address,
    }  # fmt: skip
    send_message(
        Medium.SMS, phone_numbers.normalise(number.phone), key=f"counter:{number.pk}", text=text, urgent=True,
        expires_at=clock.now() + _SMS_WORTH, audience=[f"U{number.queue.unit_id}"], by=by,
    )  # fmt: skip


def _tell_hall(unit_id: int) -> None:
    live.publish([f"U{unit_id}"], "counter", unit=unit_id)


# --- at the window


@transaction.atomic
def call_next(window: CounterWindow, *, queue: CounterQueue | None = None, by: User) -> CounterNumber:
    """Call whoever has waited longest in the hall, or in one of its lines; nobody else gets the same number.

    Raises NotPermitted, StillServing, NobodyWaits.
    """
    require(policies.why_not_serve(window.unit, by))
    _refuse_second(by)
    waiting = CounterNumber.objects.filter(state=NumberState.WAITING, day=clock.today())
    lines = CounterQueue.objects.filter(unit=window.unit_id, **({"pk": queue.pk} if queue else {}))
    chosen = waiting.filter(queue__in=list(lines.values_list("pk", flat=True))).order_by("counts_from", "pk")
    number = chosen.select_for_update(skip_locked=True, of=("self",)).first()
    if number is None:
        raise policies.NobodyWaits
    now = clock.now()
    _move("call", number, by, agent=by, window=window, called_at=now, recalled_at=now, call_count=number.call_count + 1)
    return number


def _refuse_second(by: User) -> None:
    """One at a time; the lock lets two windows of one agent's browser wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"counter agent {by.pk}"])
    if held := queries.number_in_hand(by):
        raise policies.StillServing(number=held.label)


@transaction.atomic
def recall_number(number: CounterNumber, *, by: User) -> None:
    """Call once more. Raises NotPermitted, NotYourNumber, NumberNotInThatState."""
    require(policies.why_not_move_number("recall", number, by))
    _move("recall", number, by, recalled_at=clock.now(), call_count=number.call_count + 1)


@transaction.atomic
def start_serving(number: CounterNumber, *, by: User) -> Contact:
    """The customer stands at the window: the visit is journaled, and the agent's desk opens it.

    Raises NotPermitted, NotYourNumber, NumberNotInThatState, SomebodyWasFaster.
    """
    require(policies.why_not_move_number("start", number, by))
    now = clock.now()
    contact = number.contact or journal_contact(
        by=by, channel=Channel.HALL, subject=number.matter or _("Visit to the counter"), customer=number.customer,
        caller_number=number.phone, caller_name=number.name or (number.customer.name if number.customer else ""),
        unit=number.queue.unit, region=number.queue.unit.region, started_at=now,
    )  # fmt: skip
    _move("start", number, by, started_at=now, contact=contact)
    signals.customer_arrived.send(CounterNumber, contact=contact, agent=by)
    return contact


@transaction.atomic
def finish_number(number: CounterNumber, *, by: User) -> None:
    """The visit is over. Raises NotPermitted, NotYourNumber, NumberNotInThatState."""
    require(policies.why_not_move_number("finish", number, by))
    _move("finish", number, by, finished_at=clock.now())
    if number.contact_id:
        Contact.objects.filter(pk=number.contact_id, ended_at=None).update(ended_at=clock.now())


@transaction.atomic
def miss_number(number: CounterNumber, *, by: User) -> None:
    """Nobody came. Raises NotPermitted, NotYourNumber, NumberNotInThatState."""
    require(policies.why_not_move_number("miss", number, by))
    _move("miss", number, by, finished_at=clock.now())


@transaction.atomic
def bring_back(number: CounterNumber, *, by: User) -> None:
    """Somebody who had not come is here after all, and waits where he stood. Raises NotPermitted, NumberNotInThatState."""
    require(policies.why_not_move_number("bring_back", number, by))
    _move("bring_back", number, by, agent=None, window=None, called_at=None, finished_at=None)


@transaction.atomic
def transfer_number(number: CounterNumber, *, to: CounterQueue, by: User) -> None:
    """Let another line of the hall go on with the visitor, who keeps number and waiting time.

    Raises NotPermitted, NotYourNumber, NumberNotInThatState, InvalidInput.
    """
    require(policies.why_not_move_number("transfer", number, by))
    if to.unit_id != number.queue.unit_id or to.pk == number.queue_id or not to.is_active:
        raise InvalidInput({"queue": _("Please choose another line of this hall.")})
    _move("transfer", number, by, queue=to, agent=None, window=None, called_at=None, started_at=None)


@transaction.atomic
def leave_line(number: CounterNumber, *, by: None) -> None:
    """The visitor gives the number back, by the page only he knows. Raises NumberNotInThatState, SomebodyWasFaster."""
    if number.state != NumberState.WAITING:
        raise policies.NumberNotInThatState(number=number.label, state=number.get_state_display())
    _move("leave", number, by, finished_at=clock.now())


def _move(verb: str, number: CounterNumber, by: User | None, **values: Any) -> None:
    origins, target = NUMBER_MOVES[verb]
    values["state"] = target
    if not CounterNumber.objects.filter(pk=number.pk, state__in=origins, agent=number.agent_id).update(**values):
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(number, name, value)
    facts: dict[str, Any] = {
        "number": number.label,
        "window": number.window.name if number.window else "",
        "window_en": number.window.name_en if number.window else "",
        "line": number.queue.name,
        "line_en": number.queue.name_en,
    }
    audit.record(f"counter_number.{_PAST[verb]}", by=by, subject_type="counter_number", subject_id=number.pk, **facts)
    _tell_hall(number.queue.unit_id)


_PAST = {
    "call": "called", "recall": "called_again", "start": "started", "finish": "finished", "miss": "missed",
    "bring_back": "brought_back", "transfer": "transferred", "leave": "left",
}  # fmt: skip


# --- arranging


@transaction.atomic
def save_counter_queue(queue: CounterQueue | None, *, unit: OrgUnit, by: User | None, **values: Any) -> CounterQueue:
    """Set up a waiting line, or change one as it was at ``version``. Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_arrange_counter(queue.unit if queue else unit, by))
    require(policies.why_not_arrange_counter(unit, by))
    version = values.pop("version", 0)
    kept = {
        "unit": unit, "name": clean(values.get("name", ""))[:80], "name_en": clean(values.get("name_en", ""))[:80],
        "prefix": clean(values.get("prefix", "")).upper(), "matters": clean(values.get("matters", ""))[:2000],
        "level_minutes": values.get("level_minutes", 10), "is_active": values.get("is_active", True),
    }  # fmt: skip
    errors = {}
    if not kept["name"]:
        errors["name"] = _("Please fill this in.")
    if not (1 <= len(kept["prefix"]) <= 3 and kept["prefix"].isascii() and kept["prefix"].isalpha()):
        errors["prefix"] = _("One to three Latin letters.")
    elif CounterQueue.objects.filter(unit=unit, prefix=kept["prefix"]).exclude(pk=queue.pk if queue else 0).exists():
        errors["prefix"] = _("Another line of this hall has these letters.")
    if not 0 <= kept["level_minutes"] <= MOST_MINUTES:
        errors["level_minutes"] = _("Please enter a number from %(low)s to %(high)s.") % {
            "low": 0,
            "high": MOST_MINUTES,
        }
    if errors:
        raise InvalidInput(errors)
    if queue is None:
        queue = CounterQueue.objects.create(**kept)
        verb = "counter_queue.created"
    else:
        if not CounterQueue.objects.filter(pk=queue.pk, version=version).update(version=version + 1, **kept):
            raise SomebodyWasFaster
        verb = "counter_queue.changed"
    audit.record(
        verb, by=by, subject_type="counter_queue", subject_id=queue.pk, name=kept["name"], name_en=kept["name_en"]
    )
    return queue


@transaction.atomic
def save_window(
    unit: OrgUnit, *, name: str, name_en: str | None = None, is_active: bool = True, by: User | None
) -> CounterWindow:
    """Open a window of a hall, or close it; None leaves its English name. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_arrange_counter(unit, by))
    name = clean(name)[:40]
    if not name:
        raise InvalidInput({"name": _("Please fill this in.")})
    values: dict[str, Any] = {"is_active": is_active}
    if name_en is not None:
        values["name_en"] = clean(name_en)[:120]
    window, _is_new = CounterWindow.objects.update_or_create(unit=unit, name=name, defaults=values)
    audit.record(
        "counter_window.changed", by=by, subject_type="counter_window", subject_id=window.pk, name=name,
        name_en=window.name_en, open=is_active,
    )  # fmt: skip
    return window


def close_counter_days(*, by: None) -> int:
    """Numbers of former days that nobody called are over; names and telephones go after some weeks. One batch; how many."""
    today = clock.today()
    with transaction.atomic():
        open_ones = CounterNumber.objects.filter(day__lt=today)
        left = open_ones.filter(state=NumberState.WAITING).update(state=NumberState.LEFT)
        left += open_ones.filter(state=NumberState.CALLED).update(state=NumberState.NO_SHOW)
        left += open_ones.filter(state=NumberState.SERVING).update(state=NumberState.DONE)
        old = CounterNumber.objects.filter(day__lt=today - PERSONAL_KEPT).exclude(name="", phone="")
        ids = list(old.values_list("pk", flat=True)[:AT_ONCE])
        CounterNumber.objects.filter(pk__in=ids).update(name="", phone="")
    return left + len(ids)
