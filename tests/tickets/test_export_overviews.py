"""What is supervised, what is late and mass incidents as files: what the page shows, in the asker's scope, masked."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cast import Cast
from exported import file_of, is_offered, let_export
from onepoint.core import clock, exporting
from onepoint.core.errors import NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets import services
from onepoint.tickets.batch_states import AnswerState, AttachmentState
from onepoint.tickets.models import AttachedTicket, MassIncident, Ticket
from onepoint.workflow.models import UserTask
from tickets.conftest import fresh, task_at


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def rights(cast: Cast) -> None:
    let_export("supervisor", also=("ticket.supervise",))
    let_export("coordinator")


def test_supervised_tickets_with_their_reason_masked(ticket: Ticket, cast: Cast, client_of: Any) -> None:
    services.start_supervision(
        ticket, reason="媒体关注，请联系13911112222", interval_hours=4, receivers=[], by=fresh(cast.supervisor)
    )
    (line,) = file_of("supervisions", cast.supervisor)
    assert (line["工单"], line["督办人"]) == (ticket.number, cast.supervisor.name)
    assert line["原因"].startswith("媒体关注")
    assert "13911112222" not in line["原因"]  # the supervisor sees no telephone numbers
    assert file_of("supervisions", cast.supervisor, "state=ended") == []
    assert is_offered(client_of(cast.supervisor).get("/supervisions/").content, "supervisions")
    with pytest.raises(NotPermitted):
        exporting.start_export("supervisions", query="", columns=(), file_format="csv", by=fresh(cast.coordinator))


def test_late_steps_and_late_tickets(ticket: Ticket, cast: Cast, client_of: Any) -> None:
    soon = clock.now() + timedelta(minutes=30)
    UserTask.objects.update(due_at=soon)
    Ticket.objects.update(due_at=soon)
    step = task_at(ticket, "coordinate")
    for code in ("late_steps", "late_tickets"):
        (line,) = file_of(code, cast.supervisor)
        assert (line["编号"], line["标题"], line["环节"]) == (ticket.number, ticket.title, step.label)
        assert line["投诉级别"] == ticket.severity.name
        assert file_of(code, cast.supervisor, "window=15m") == []
        with pytest.raises(NotPermitted):
            exporting.start_export(code, query="", columns=(), file_format="csv", by=fresh(cast.coordinator))
    client = client_of(cast.supervisor)
    assert is_offered(client.get("/tickets/late/").content, "late_steps")
    assert is_offered(client.get("/tickets/late/?what=tickets").content, "late_tickets")


@pytest.fixture
def incident(cast: Cast, register: Any) -> MassIncident:
    items = services.IncidentItems(
        title="东市停电", regions=[cast.east], since=clock.now() - timedelta(hours=1),
        keywords=["停电"],
    )  # fmt: skip
    incident = services.declare_incident(items, by=fresh(cast.coordinator))
    for state, answer in ((AttachmentState.ATTACHED, AnswerState.TO_CALL), (AttachmentState.SUGGESTED, "")):
        AttachedTicket.objects.create(
            incident=incident,
            ticket=register(title=f"故障{state}"),
            state=state,
            answer=answer,
            since=clock.now(),
        )
    return incident


def test_mass_incidents_with_how_many_tickets_they_have(incident: MassIncident, cast: Cast, client_of: Any) -> None:
    (line,) = file_of("mass_incidents", cast.coordinator)
    assert (line["编号"], line["挂接工单"], line["建议挂接"]) == (incident.number, "1", "1")
    assert file_of("mass_incidents", cast.coordinator, "state=closed") == []
    let_export("agent")
    assert file_of("mass_incidents", cast.outsider) == []
    assert is_offered(client_of(cast.coordinator).get("/mass-incidents/").content, "mass_incidents")


def test_the_tickets_of_one_mass_incident(incident: MassIncident, cast: Cast, client_of: Any) -> None:
    about = f"incident={incident.number}"
    lines = file_of("attached_tickets", cast.coordinator, f"state=attached&{about}")
    assert [(line["标题"], line["答复"]) for line in lines] == [("故障attached", str(AnswerState.TO_CALL.label))]
    assert len(file_of("attached_tickets", cast.coordinator, about)) == 2
    assert file_of("attached_tickets", cast.coordinator) == []
    assert file_of("attached_tickets", cast.outsider, about) == []
    page = client_of(cast.coordinator).get(f"{incident.get_absolute_url()}?state=attached").content
    assert is_offered(page, "attached_tickets")
    assert f'value="state=attached&amp;{about}" data-follows-address="{about}"' in page.decode()


def test_who_had_which_list_stands_in_the_journal(ticket: Ticket, cast: Cast) -> None:
    file_of("late_steps", cast.supervisor, "window=4h")
    asked = AuditEntry.objects.get(verb="export.asked")
    assert (asked.data["list"], asked.data["query"], asked.actor_name) == (
        "late_steps",
        "window=4h",
        cast.supervisor.name,
    )
