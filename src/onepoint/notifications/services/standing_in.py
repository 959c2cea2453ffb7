"""Telling people who stands in for whom, and whose work they have received."""

from django.urls import reverse

from onepoint.accounts.models import Delegation, HandOver, User
from onepoint.notifications import standing_in_events as events
from onepoint.notifications.queries.standing_in import items_received
from onepoint.notifications.services.telling import notify


def tell_of_delegation(delegation: Delegation, *, by: User | None) -> None:
    """Both hear of it, except whoever arranged it."""
    facts = {**_names(delegation), "starts": delegation.starts_at, "ends": delegation.ends_at}
    _tell(events.DELEGATED, delegation, facts, by)


def tell_of_ended_delegation(delegation: Delegation, *, by: User | None) -> None:
    """Both hear that it ended before its time, except whoever ended it."""
    _tell(events.DELEGATION_ENDED, delegation, _names(delegation), by)


def tell_of_hand_over(hand_over: HandOver, *, by: User | None) -> None:
    """Each receiver hears how many things came, whoever ordered it."""
    person = hand_over.person
    for receiver_id, count in items_received(hand_over):
        notify(
            events.RECEIVED, [receiver_id], key=f"hand-over/{hand_over.pk}", subject=("person", person.pk),
            facts={"from": person.name, "from_en": person.name_en, "count": count}, url="/", by=by,
        )  # fmt: skip


def _names(delegation: Delegation) -> dict[str, object]:
    absentee, deputy = delegation.absentee, delegation.deputy
    return {
        "absentee": absentee.name, "absentee_en": absentee.name_en, "deputy": deputy.name, "deputy_en": deputy.name_en,
    }  # fmt: skip


def _tell(event: str, delegation: Delegation, facts: dict, by: User | None) -> None:
    people = {delegation.absentee_id, delegation.deputy_id} - {by.pk if by else None}
    notify(
        event, people, key=f"{event}/{delegation.pk}", facts=facts, subject=("person", delegation.absentee_id),
        url=reverse("own-delegations"), by=by,
    )  # fmt: skip
