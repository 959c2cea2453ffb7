"""Event logs of tickets that were worked by hand."""

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element, parse

import pytest
from django.core.management import CommandError, call_command

from cast import Cast
from onepoint.tickets.models import Ticket
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask
from tickets.conftest import fresh

X = "{http://www.xes-standard.org/}"


def exported(path: Path, *options: str) -> Element:
    call_command("export_log", str(path), *options, verbosity=0)
    return parse(path).getroot()


def value(element: Element, key: str) -> str | None:
    return next((child.get("value") for child in element if child.get("key") == key), None)


@pytest.fixture
def worked(ticket: Ticket, cast: Cast) -> Ticket:
    task = UserTask.objects.get(instance__ticket=ticket)
    coordinator = fresh(cast.coordinator)
    workflow_services.claim_task(task, by=coordinator)
    workflow_services.complete_task(task, outcome="finish", opinion="已答复客户", by=coordinator)
    return ticket


def test_a_claim_is_a_start_and_an_outcome_is_told(worked: Ticket, cast: Cast, tmp_path: Path) -> None:
    (trace,) = exported(tmp_path / "log.xes").findall(f"{X}trace")
    assert value(trace, "concept:name") == worked.number
    assert (value(trace, "status"), value(trace, "category")) == ("closed", "bl_high")
    events = trace.findall(f"{X}event")
    assert [(value(each, "lifecycle:transition"), value(each, "concept:name")) for each in events] == [
        ("start", "工单协调"), ("complete", "工单协调"),
    ]  # fmt: skip
    assert {value(each, "org:resource") for each in events} == {cast.coordinator.name}
    assert value(events[1], "outcome") == "finish"


def test_steps_come_in_english_where_asked_for(worked: Ticket, tmp_path: Path) -> None:
    (trace,) = exported(tmp_path / "log.xes", "--english").findall(f"{X}trace")
    assert value(trace.findall(f"{X}event")[0], "concept:name") == "Coordinate"


def test_it_keeps_the_rules_of_the_standard(worked: Ticket, tmp_path: Path) -> None:
    """IEEE 1849: order of the parts, globals present everywhere, classifiers made of globals, declared prefixes."""
    log = exported(tmp_path / "log.xes")
    parts = [child.tag.removeprefix(X) for child in log]
    order = ["extension", "global", "classifier", "string", "trace"]
    assert [each for each in order if each in parts] == list(dict.fromkeys(parts))
    prefixes = {each.get("prefix") for each in log.findall(f"{X}extension")}
    assert prefixes == {"concept", "lifecycle", "org", "time"}
    scopes = {each.get("scope"): {child.get("key") for child in each} for each in log.findall(f"{X}global")}
    for trace in log.findall(f"{X}trace"):
        assert scopes["trace"] <= {child.get("key") for child in trace}
        keys = [child.get("key") for child in trace if child.tag != f"{X}event"]
        assert len(keys) == len(set(keys))
        for each in trace.findall(f"{X}event"):
            assert scopes["event"] <= {child.get("key") for child in each}
    for classifier in log.findall(f"{X}classifier"):
        assert set((classifier.get("keys") or "").split()) <= scopes["event"]


def test_namesakes_stay_two_people(worked: Ticket, cast: Cast, tmp_path: Path) -> None:
    cast.agent.name = cast.coordinator.name
    cast.agent.save(update_fields=["name"])
    (trace,) = exported(tmp_path / "log.xes").findall(f"{X}trace")
    resource = value(trace.findall(f"{X}event")[0], "org:resource")
    assert resource == f"{cast.coordinator.name} ({cast.coordinator.username})"


def test_a_selection_holds_what_was_asked_for(register: Callable[..., Ticket], tmp_path: Path, cast: Cast) -> None:
    register()
    path = tmp_path / "log.xes"
    for options, count in (
        (["--kind", "complaint"], 1),
        (["--kind", "praise"], 0),
        (["--category", "billing"], 1),
        (["--category", "broadband"], 0),
        (["--region", cast.province.code], 1),
        (["--region", cast.west.code], 0),
        (["--process", "complaint"], 1),
        (["--from", "2999-01-01"], 0),
        (["--to", "2000-01-01"], 0),
        (["--finished"], 0),
        (["--source", "nowhere"], 0),
    ):
        assert len(exported(path, *options).findall(f"{X}trace")) == count, options


def test_an_unknown_place_is_refused_and_no_half_file_is_left(ticket: Ticket, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no region"):
        exported(tmp_path / "log.xes", "--region", "moon")
    with pytest.raises(CommandError, match="cannot be written"):
        exported(tmp_path / "no folder" / "log.xes")
    assert list(tmp_path.glob("**/*.xes")) == []
