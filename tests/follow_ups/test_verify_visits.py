"""``./onepoint verify`` names a closing without its visit, and a visit without its closing."""

from datetime import timedelta

from onepoint.core import clock, verifying
from onepoint.follow_ups import services
from onepoint.follow_ups.models import Closing, FollowUp
from onepoint.tickets.models import Ticket


def faults() -> list[str]:
    (report,) = verifying.run_checks(["follow_ups.visits"])
    return [fault.text for fault in report.faults]


def test_what_a_rule_covers_and_has_no_visit_is_named(closed: Ticket) -> None:
    services.make_visits(by=None)
    assert faults() == []
    Closing.objects.filter(ticket=closed).update(is_chosen=True)
    FollowUp.objects.filter(ticket=closed).delete()
    assert faults() == ["its rule wants a visit, and there is none"]


def test_a_closing_nobody_looked_at_is_named(closed: Ticket) -> None:
    assert faults() == []
    Closing.objects.filter(ticket=closed).update(looked_at=None, closed_at=clock.now() - timedelta(hours=1))
    (text,) = faults()
    assert text.startswith("was not looked at")
