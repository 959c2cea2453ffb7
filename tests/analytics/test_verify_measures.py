"""``./onepoint verify`` names a day that was added up wrongly and an event that was counted wrongly."""

from collections.abc import Callable

from onepoint.analytics.models import Fact, Figure, Progress
from onepoint.core import verifying


def faults() -> list[str]:
    (report,) = verifying.run_checks(["analytics.measures"], is_deep=True)
    assert report.looked_at
    return sorted({fault.text for fault in report.faults})


def test_what_does_not_follow_from_the_tables_is_named(history: Callable[[int], None]) -> None:
    history(11)
    Progress.objects.create(next_ticket_id=None, next_contact_id=None)
    assert faults() == []
    Fact.objects.filter(source=3).update(satisfied=7)
    assert faults() == ["is counted otherwise than the tables say", "is counted, and the tables do not say so",
                        "its roll-up is not the sum of its events"]  # fmt: skip
    Fact.objects.filter(source=3).delete()
    Figure.objects.update(closed=0)
    assert "is counted otherwise than the tables say" in faults()


def test_what_the_journal_has_told_since_is_on_its_way(history: Callable[[int], None]) -> None:
    from onepoint.core import audit

    history(12)
    progress = Progress.objects.create(next_ticket_id=None, next_contact_id=None)
    fact = Fact.objects.filter(source=2).first()
    assert fact is not None
    Fact.objects.filter(pk=fact.pk).delete()
    assert "is counted otherwise than the tables say" in faults()
    entry = audit.record("ticket.corrected", by=None, subject_type="ticket", subject_id=fact.ticket_id)
    Progress.objects.filter(pk=progress.pk).update(last_entry_id=entry.pk - 1)
    assert "is counted otherwise than the tables say" not in faults()
