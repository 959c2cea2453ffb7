"""Event logs replayed by people through the services, and exported again."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from onepoint.accounts.models import User
from onepoint.core.models import AuditEntry
from onepoint.tickets.event_logs.reading import read_traces
from onepoint.tickets.event_logs.replaying import Replayer
from onepoint.tickets.models import Severity, Ticket
from onepoint.workflow.models import ProcessVersion, UserTask
from onepoint.workflow.verification import find_faults

SHANGHAI = ZoneInfo("Asia/Shanghai")
REAL_LOG = Path(__file__).parents[2] / "../shared/data/helpdesk_2010_2014.xes.gz"


def event(activity: str, at: str, resource: str = "", transition: str = "complete", more: str = "") -> str:
    named = f'<string key="org:resource" value="{resource}"/>' if resource else ""
    return (
        f'<event><string key="concept:name" value="{activity}"/>{named}'
        f'<string key="lifecycle:transition" value="{transition}"/><date key="time:timestamp" value="{at}"/>{more}</event>'
    )


def trace(name: str, *events: str, more: str = "") -> str:
    named = f'<string key="concept:name" value="{name}"/>' if name else ""
    return f"<trace>{named}{more}{''.join(events)}</trace>"


#: Two people at once, one moment thrice, time running back, starts, odd words, a case twice and one without a name.
LOG = "<log>" + "".join(
    [
        trace(
            "C1",
            event("Assign", "2012-10-09T14:50:17.123456+03:00", "Value 1"),
            event("Work", "2012-10-09T14:50:17.123456+03:00", "Value 2", "start"),
            event("Work", "2012-10-09T16:00:00+03:00", "Value 2"),
            event("Assign", "2012-10-09T14:00:00+03:00", "王伟"),
            event("Close &amp; &lt;go&gt;", "2012-10-10T14:00:00+03:00"),
            more='<int key="variant" value="3"/>',
        ),
        trace("C1", event("Assign", "2013-01-01T00:00:00Z", "Value 1")),
        trace("", event("Work", "2013-01-01T00:00:00Z", "Value  1", "start"), event("Wait", "2013-01-02T00:00:00Z", "Value 2", "SUSPEND")),
        trace("no events"),
        trace("C5", event("Work", "2013-01-01T00:00:00Z", "Value 2", "start"), event("Work", "2013-01-01T00:00:00Z", "Value 1")),
    ]
) + "</log>"  # fmt: skip


@pytest.fixture
def log(tmp_path: Path, severities: dict[str, Severity]) -> Path:
    path = tmp_path / "help desk.xes"
    path.write_text(LOG, encoding="utf-8")
    return path


def replay(path: Path, **options: Any) -> None:
    call_command("replay_log", str(path), processes=1, verbosity=0, **options)


def cases_of(path: Path) -> list[Any]:
    return sorted(
        (trace.name, [(each.activity, each.resource, each.transition, each.at) for each in trace.events])
        for trace in read_traces(path, SHANGHAI)
    )


def exported(path: Path, *options: str) -> Path:
    call_command("export_log", str(path), "--source", "help-desk", *options, verbosity=0)
    return path


def test_replayed_and_exported_it_is_the_same_log(log: Path, tmp_path: Path) -> None:
    replay(log)
    assert cases_of(exported(tmp_path / "again.xes.gz")) == cases_of(log)


def test_people_act_at_the_recorded_moments(log: Path) -> None:
    replay(log)
    ticket = Ticket.objects.get(external_number="C1")
    done = AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk, verb="task.completed").order_by("id")
    assert [(entry.data["step"], entry.actor_name) for entry in done] == [
        ("Assign", "Value 1"), ("Work", "Value 2"), ("Assign", "王伟"), ("Close & <go>", ""),
    ]  # fmt: skip
    assert done[0].at == datetime(2012, 10, 9, 11, 50, 17, 123456, tzinfo=UTC)
    work = UserTask.objects.get(instance__ticket=ticket, name="Work")
    assert (work.claimed_at, work.completed_at) == (done[0].at, done[1].at)
    assert ticket.status == "closed"
    assert ticket.closed_at == done[3].at
    assert ticket.external_items["log_0"]["value"] == "3"
    assert find_faults(ticket.process_instance) == []


def test_the_people_of_a_log_cannot_log_in(log: Path) -> None:
    replay(log)
    people = User.objects.filter(unit__code="log-help-desk")
    assert sorted(people.values_list("name", flat=True)) == ["Value 1", "Value 2", "王伟"]
    assert not any(person.has_usable_password() for person in people)


def test_replaying_again_adds_nothing(log: Path) -> None:
    replay(log)
    before = (Ticket.objects.count(), User.objects.count(), ProcessVersion.objects.count(), AuditEntry.objects.count())
    replay(log)
    assert (Ticket.objects.count(), User.objects.count(), ProcessVersion.objects.count(), AuditEntry.objects.count()) == before  # fmt: skip


def test_a_case_cut_off_in_the_middle_is_not_there_and_comes_with_the_next_run(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Replayer, ticket: Ticket, moves: Any) -> None:
        original(self, ticket, moves[:1])
        raise KeyboardInterrupt

    original = Replayer._work
    monkeypatch.setattr(Replayer, "_work", killed)
    with pytest.raises(KeyboardInterrupt):
        replay(log)
    assert not Ticket.objects.exists()
    monkeypatch.setattr(Replayer, "_work", original)
    replay(log)
    assert cases_of(exported(tmp_path / "again.xes")) == cases_of(log)


def test_a_limit_replays_the_first_cases_only(log: Path) -> None:
    replay(log, limit=2)
    assert sorted(Ticket.objects.values_list("external_number", flat=True)) == ["C1", "C1 #2"]


def test_a_broken_log_changes_nothing(log: Path) -> None:
    log.write_text(LOG.replace("</log>", ""), encoding="utf-8")
    with pytest.raises(CommandError, match="line 1"):
        replay(log)
    assert not Ticket.objects.exists()
    assert not User.objects.filter(unit__code__startswith="log-").exists()


def test_as_ocel_every_relation_leads_to_an_object_and_every_type_is_declared(log: Path, tmp_path: Path) -> None:
    replay(log)
    found = json.loads(exported(tmp_path / "log.json", "--format", "ocel").read_text(encoding="utf-8"))
    objects = {each["id"]: each for each in found["objects"]}
    assert len(objects) == len(found["objects"])
    assert sum(each["type"] == "ticket" for each in objects.values()) == 5
    relations = [each for one in found["events"] + found["objects"] for each in one["relationships"]]
    assert {each["objectId"] for each in relations} <= set(objects)
    assert {each["type"] for each in objects.values()} <= {each["name"] for each in found["objectTypes"]}
    assert {each["type"] for each in found["events"]} == {each["name"] for each in found["eventTypes"]}
    assert len(found["events"]) == 10
    declared = {each["name"]: {attribute["name"] for attribute in each["attributes"]} for each in found["eventTypes"]}
    assert all(
        {attribute["name"] for attribute in one["attributes"]} <= declared[one["type"]] for one in found["events"]
    )


@pytest.mark.skipif(not REAL_LOG.exists(), reason="the real log lies beside the repository, not in it")
def test_the_real_log_comes_out_as_it_went_in(severities: dict[str, Severity], tmp_path: Path) -> None:
    replay(REAL_LOG, limit=25, name="help desk")
    original = {name: events for name, events in cases_of(REAL_LOG)}
    again = cases_of(exported(tmp_path / "again.xes.gz"))
    assert len(again) == 25
    assert all(original[name] == events for name, events in again)


def test_a_compressed_log_is_known_by_its_content_not_by_its_name(log: Path, tmp_path: Path) -> None:
    log.write_bytes(gzip.compress(LOG.encode()))
    replay(log)
    assert Ticket.objects.count() == 5
