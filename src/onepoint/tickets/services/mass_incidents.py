"""Mass incidents: declared, handled once through the lead ticket, answered to everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import Region, User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.numbering import next_number
from onepoint.core.text import clean
from onepoint.tickets import mass_incident_rights as rights
from onepoint.tickets import mass_incidents, policies, signals
from onepoint.tickets.batch_states import BatchVerb
from onepoint.tickets.batches import Chosen
from onepoint.tickets.models import BatchRun, Category, MassIncident, Ticket
from onepoint.tickets.services.batches import start_batch
from onepoint.tickets.services.leading import move_incident
from onepoint.tickets.states import ReplyChannel

MOST_WORDS, LONGEST_WORD = 20, 40


@dataclass(frozen=True)
class IncidentItems:
    """What is known of a mass incident and what customers are told meanwhile. ``since`` and ``expected_end`` are aware."""

    title: str
    regions: Sequence[Region]
    since: datetime
    category: Category | None = None
    keywords: Sequence[str] = field(default_factory=tuple)
    cause: str = ""
    expected_end: datetime | None = None
    public_words: str = ""
    public_words_en: str = ""
    attaches_by_itself: bool = False
    clocks_stand_still: bool = True


def _checked(items: IncidentItems) -> dict[str, Any]:
    """The values of the row, or everything that is wrong with them."""
    words = tuple(dict.fromkeys(word for one in items.keywords if (word := clean(one).casefold())))
    errors = {}
    if not (title := clean(items.title)) or len(title) > 200:
        errors["title"] = _("A mass incident needs a title of up to 200 characters.")
    if not items.regions:
        errors["regions"] = _("Say which regions it concerns.")
    if not items.category and not words:
        errors["category"] = _("Say by which category or which words its tickets are known.")
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD or len(word) < 2 for word in words):
        errors["keywords"] = _("At most %(most)s words, each of 2 to %(length)s characters.") % {
            "most": MOST_WORDS, "length": LONGEST_WORD,
        }  # fmt: skip
    if items.since > clock.now():
        errors["since"] = _("It cannot have begun in the future.")
    if items.expected_end and items.expected_end <= items.since:
        errors["expected_end"] = _("This lies before its beginning.")
    if errors:
        raise InvalidInput(errors)
    values = {one.name: getattr(items, one.name) for one in fields(items) if one.name != "regions"}
    for name in ("cause", "public_words", "public_words_en"):
        values[name] = clean(values[name])[:4000]
    return values | {"title": title, "keywords": list(words), "audience": mass_incidents.audience_of(items.regions)}


@transaction.atomic
def declare_incident(
    items: IncidentItems,
    *,
    lead: Ticket | None = None,
    tickets: Chosen | None = None,
    key: UUID | None = None,
    by: User,
) -> MassIncident:
    """Say that many complaints have one cause; ``lead`` is the ticket it is handled through, ``tickets`` are attached.

    Raises NotPermitted, OutsideYourPlaces, InvalidInput, TicketFinished, AttachedElsewhere.
    """
    require(rights.why_not_answer_for([region.pk for region in items.regions], by))
    values = _checked(items)
    incident = MassIncident.objects.create(number=next_number("MI"), declared_by=by, declared_at=clock.now(), **values)
    incident.regions.set(items.regions)
    audit.record(
        "mass_incident.declared", by=by, subject_type="mass_incident", subject_id=incident.pk, number=incident.number,
        title=incident.title,
    )  # fmt: skip
    if lead is not None:
        _lead_by(incident, lead, by)
    signals.mass_incident_declared.send(sender=MassIncident, incident=incident, by=by)
    if tickets is not None:
        start_batch(BatchVerb.ATTACH, {"incident": incident.number}, tickets, key=key, incident=incident, by=by)
    return incident


@transaction.atomic
def change_incident(incident: MassIncident, items: IncidentItems, *, version: int, by: User | None) -> MassIncident:
    """Correct what is known. Raises NotPermitted, IncidentNotInThatState, InvalidInput, SomebodyWasFaster."""
    incident = MassIncident.objects.select_for_update().get(pk=incident.pk)
    require(rights.why_not_change(incident, by))
    require(rights.why_not_answer_for([region.pk for region in items.regions], by))
    if incident.version != version:
        raise SomebodyWasFaster
    for name, value in _checked(items).items():
        setattr(incident, name, value)
    incident.version += 1
    incident.save()
    incident.regions.set(items.regions)
    audit.record("mass_incident.changed", by=by, subject_type="mass_incident", subject_id=incident.pk)
    return incident


@transaction.atomic
def lead_incident(incident: MassIncident, ticket: Ticket, *, by: User | None) -> MassIncident:
    """Handle a mass incident through this ticket from now on. Raises NotPermitted, TicketFinished, AttachedElsewhere."""
    incident = MassIncident.objects.select_for_update().get(pk=incident.pk)
    require(rights.why_not_change(incident, by))
    _lead_by(incident, ticket, by)
    return incident


def _lead_by(incident: MassIncident, ticket: Ticket, by: User | None) -> None:
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if ticket.is_finished:
        raise policies.TicketFinished(status=ticket.get_status_display())
    attached = mass_incidents.attachment_of(ticket)
    other = mass_incidents.incident_led_by(ticket.pk)
    if attached or (other and other.pk != incident.pk):
        raise rights.AttachedElsewhere(number=attached.incident.number if attached else other.number)  # type: ignore[union-attr]
    MassIncident.objects.filter(pk=incident.pk).update(lead_ticket=ticket)
    incident.lead_ticket = ticket
    fact: dict[str, Any] = {"number": incident.number, "title": incident.title}
    audit.record("ticket.leads_incident", by=by, subject_type="ticket", subject_id=ticket.pk, **fact)
    audit.record("mass_incident.led", by=by, subject_type="mass_incident", subject_id=incident.pk, number=ticket.number)


def _move(verb: str, incident: MassIncident, conclusion: str, by: User | None) -> MassIncident:
    incident = MassIncident.objects.select_for_update().get(pk=incident.pk)
    require(rights.why_not_close(incident, by) if verb == "close" else rights.why_not_move(incident, verb, by))
    if not move_incident(incident, verb, conclusion=clean(conclusion), by=by):
        raise SomebodyWasFaster
    return incident


@transaction.atomic
def resolve_incident(incident: MassIncident, *, conclusion: str, by: User | None) -> MassIncident:
    """The cause is gone; customers are owed the answer. Raises NotPermitted, IncidentNotInThatState, InvalidInput."""
    if not clean(conclusion):
        raise InvalidInput({"conclusion": _("Please write the result.")})
    return _move("resolve", incident, conclusion, by)


@transaction.atomic
def take_up_again(incident: MassIncident, *, reason: str, by: User | None) -> MassIncident:
    """It was not gone after all; another answer will be owed. Raises NotPermitted, IncidentNotInThatState, InvalidInput."""
    if not clean(reason):
        raise InvalidInput({"reason": _("Please give a reason.")})
    return _move("take_up_again", incident, reason, by)


@transaction.atomic
def close_incident(incident: MassIncident, *, by: User | None) -> MassIncident:
    """Everybody has been answered. Raises NotPermitted, IncidentNotInThatState, StillAttached."""
    return _move("close", incident, "", by)


# --- to all its tickets ------------------------------------------------------------------------------------------


@transaction.atomic
def attach_matching(incident: MassIncident, *, key: UUID | None = None, by: User) -> BatchRun:
    """Attach the tickets there are that fulfil its conditions, and those suggested since. Raises as start_batch."""
    require(rights.why_not_change(incident, by))
    matching = mass_incidents.matching_tickets(incident, visible_to=by).values("pk")
    suggested = mass_incidents.suggested_tickets(incident).values("pk")
    both = Ticket.objects.filter(pk__in=matching.union(suggested))
    return _begin(BatchVerb.ATTACH, incident, {"incident": incident.number}, both, key, by)


@transaction.atomic
def tell_attached(
    incident: MassIncident, *, text: str, text_en: str = "", way: str = "", key: UUID | None = None, by: User
) -> BatchRun:
    """Tell every customer how it stands. Each hears it once, however many tickets he has. Raises InvalidInput too."""
    require(rights.why_not_change(incident, by))
    given = _checked_words(text, text_en, way)
    return _begin(BatchVerb.TELL, incident, given, mass_incidents.attached_tickets(incident), key, by)


@transaction.atomic
def answer_attached(
    incident: MassIncident,
    *,
    text: str,
    text_en: str = "",
    way: str = "",
    closes: bool = True,
    key: UUID | None = None,
    by: User,
) -> BatchRun:
    """Give every customer the final answer, once, and close the attached tickets; who must be called is left on a list.

    Raises NotPermitted, IncidentNotInThatState unless it is resolved, InvalidInput, and what start_batch raises.
    """
    require(rights.why_not_move(incident, "close", by))
    given = {
        **_checked_words(text, text_en, way),
        "closes": closes,
        "occasion": mass_incidents.occasion_of_answer(incident),
    }
    return _begin(BatchVerb.SETTLE, incident, given, mass_incidents.attached_tickets(incident), key, by)


def _checked_words(text: str, text_en: str, way: str) -> dict[str, Any]:
    errors = {}
    if not clean(text):
        errors["text"] = _("Please write what customers are told.")
    if way and way not in ReplyChannel.values:
        errors["way"] = _("Please choose from the list.")
    if errors:
        raise InvalidInput(errors)
    return {"text": clean(text), "text_en": clean(text_en), "way": way}


def _begin(
    verb: BatchVerb, incident: MassIncident, given: dict[str, Any], tickets: Any, key: UUID | None, by: User
) -> BatchRun:
    run = start_batch(verb, given, Chosen(others=tickets), key=key, incident=incident, by=by)
    audit.record(
        "mass_incident.batch", by=by, subject_type="mass_incident", subject_id=incident.pk, what=verb.value,
        tickets=run.total, run=run.pk,
    )  # fmt: skip
    return run
