"""What the demo's people were told lately, and how some of them want to be told; what is there is left as it is."""

from datetime import time

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.notifications import services
from onepoint.notifications.models import NotificationPolicy, Preference
from onepoint.notifications.states import DigestMode, Weekday
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import telling
from onepoint.tickets.states import TicketStatus
from onepoint.tickets.ticket_events import CLOSED

#: People who watch some tickets of what they may see, and how many of them have ended.
FOLLOWERS = {"agent1": 3, "wuh.coordinator": 4, "duty": 5, "admin": 2, "mt.coordinator": 2}
NIGHT = (time(22), time(7))


def build_telling(people: dict[str, User]) -> None:
    """The house is quiet at night, the duty manager reads a digest, and followers hear of their tickets' ends."""
    if not NotificationPolicy.objects.exists():
        services.change_notification_policy(
            choices={}, mandatory={"urging": ["app"]}, quiet_from=NIGHT[0], quiet_to=NIGHT[1],
            quiet_days=list(Weekday.values), by=None,
        )  # fmt: skip
    duty = people["duty"]
    if not Preference.objects.filter(person=duty).exists():
        services.choose_ways(
            duty, choices={"tickets": ["app", "email"]}, quiet_from=NIGHT[0], quiet_to=NIGHT[1],
            quiet_days=list(Weekday.values), digest=DigestMode.DAILY, digest_at=time(8, 30), by=duty,
        )  # fmt: skip
    for username, count in FOLLOWERS.items():
        _tell_follower(people[username], count)


def _tell_follower(person: User, count: int) -> None:
    if person.notifications.filter(event=CLOSED).exists():
        return
    ended = Ticket.objects.visible_to(person).filter(status=TicketStatus.CLOSED).order_by("-closed_at", "-pk")
    for ticket in reversed(ended[:count]):
        tickets.watch_ticket(ticket, by=person)
        assert ticket.closed_at is not None
        with clock.at(ticket.closed_at):
            telling.tell_followers(ticket.pk, CLOSED, key=f"demo-{ticket.pk}", reason="", by=None)
