"""What an open desk asks after every change: figures of every kind in one query, in the person's scope."""

import re
from datetime import timedelta

import pytest

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket, Watcher
from onepoint.tickets.queries import TicketFilter
from onepoint.tickets.services import NewTicket
from onepoint.tickets.services.copies import add_watchers
from onepoint.tickets.services.corrections import Correction
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask
from onepoint.workspace.figures import desk_figures
from tickets.conftest import do


def task_of(ticket):
    return UserTask.objects.live().select_related("instance").get(subject_type="ticket", subject_id=ticket.pk)


def fresh(user):
    return User.objects.get(pk=user.pk)


def counts(user, *without):
    figures = desk_figures(fresh(user)).items()
    return {kind: figure.count for kind, figure in figures if figure.count and kind not in without}


def figures_of(client_of, person):
    return client_of(person).get("/desk/figures/").json()


def test_the_figures_are_those_of_the_person_and_of_nobody_else(cast, ticket):
    assert counts(cast.coordinator, "soon") == {"pool": 1}
    assert counts(cast.agent) == {"owned": 1, "started": 1}
    assert counts(cast.outsider) == {}
    workflow_services.claim_task(task_of(ticket), by=cast.coordinator)
    assert counts(cast.coordinator, "soon") == {"mine": 1}


def test_all_kinds_are_one_query(cast, ticket, django_assert_num_queries):
    person = fresh(cast.coordinator)
    desk_figures(person)  # what the person may do is known from here on
    with django_assert_num_queries(1):
        desk_figures(person)


def test_what_was_copied_is_not_what_one_watches(cast, ticket, client_of):
    ticket_services.watch_ticket(ticket, by=cast.second_agent)
    add_watchers(ticket.pk, [cast.supervisor], by=cast.coordinator)
    assert counts(cast.second_agent) == {"watched": 1}
    assert counts(cast.supervisor) == {"copied": 1}
    assert ticket.number in client_of(cast.supervisor).get("/?kind=copied").content.decode()
    assert ticket.number not in client_of(cast.supervisor).get("/?kind=watched").content.decode()


def test_who_watched_for_years_has_only_what_is_alive_read(cast, ticket):
    """The desk counts by an index that holds no watcher of a finished ticket; the list of all tickets knows them still."""

    def alive():
        return set(Watcher.objects.filter(is_alive=True).values_list("user", flat=True))

    person = cast.second_agent
    ticket_services.watch_ticket(ticket, by=person)
    do(ticket, "coordinate", cast.coordinator, "finish", "已解决")
    add_watchers(ticket.pk, [cast.supervisor], by=cast.coordinator)
    assert (counts(person), alive()) == ({}, set())
    assert ticket_queries.find_tickets(TicketFilter(relation="watched"), visible_to=fresh(person)).get() == ticket
    ticket_services.reopen_ticket(Ticket.objects.get(pk=ticket.pk), reason="客户不认可", by=fresh(cast.coordinator))
    assert (counts(person), alive()) == ({"watched": 1}, {person.pk, cast.supervisor.pk})


def test_what_falls_due_within_hours_stands_under_due_soon_and_then_under_overdue(cast, ticket, client_of):
    due = min(moment for moment in (task_of(ticket).due_at, Ticket.objects.get(pk=ticket.pk).due_at) if moment)
    with clock.at(due - timedelta(hours=5)):
        assert counts(cast.coordinator) == {"pool": 1}
    with clock.at(due - timedelta(hours=2)):
        assert counts(cast.coordinator) == {"pool": 1, "soon": 1}
        assert figures_of(client_of, cast.coordinator)["soon"]["tone"] == "warn"
    with clock.at(due + timedelta(minutes=1)):
        assert counts(cast.coordinator) == {"pool": 1, "late": 1}


def test_what_is_urged_or_supervised_is_found_there(cast, ticket, client_of):
    permissions = {"agent": ["ticket.remind"], "supervisor": ["ticket.remind", "ticket.supervise"]}
    for code, more in permissions.items():
        role = getattr(cast, code).role_grants.get().role
        role.permissions = [*role.permissions, *more]
        role.save()
    workflow_services.claim_task(task_of(ticket), by=cast.coordinator)
    ticket_services.remind_ticket(ticket, text="客户很急", by=fresh(cast.agent))
    ticket_services.start_supervision(ticket, reason="重大投诉", interval_hours=8, by=fresh(cast.supervisor))
    assert counts(cast.coordinator, "soon") == {"mine": 1, "urged": 1, "supervised": 1}
    for kind in ("urged", "supervised"):
        assert ticket.number in client_of(cast.coordinator).get(f"/?kind={kind}").content.decode()
    assert counts(cast.outsider) == {}


@pytest.mark.parametrize("change", ["another", "corrected", "claimed"])
def test_the_stamp_changes_with_whatever_a_row_shows(cast, ticket, categories, client_of, change):
    before = figures_of(client_of, cast.coordinator)
    assert figures_of(client_of, cast.coordinator) == before
    if change == "another":
        new = NewTicket(kind="complaint", category=categories["billing"], title="又一件", channel="hotline")
        ticket_services.create_ticket(new, by=cast.agent)
    elif change == "corrected":
        ticket.refresh_from_db()
        corrected = Correction(title="改了标题")
        ticket_services.correct_ticket(ticket, corrected, version=ticket.version, by=cast.agent)
    else:
        workflow_services.claim_task(task_of(ticket), by=cast.coordinator)
    after = figures_of(client_of, cast.coordinator)
    assert after["pool"]["stamp"] != before["pool"]["stamp"]
    assert (after["pool"]["newest"] > before["pool"]["newest"]) == (change == "another")


def test_the_figures_need_the_desk(cast, client_of):
    cast.handler.role_grants.all().delete()
    assert client_of(cast.handler).get("/desk/figures/").status_code == 403


def test_the_page_of_a_ticket_learns_who_changed_it(cast, ticket, client_of):
    client, path = client_of(cast.agent), f"/tickets/{ticket.number}/changes/"
    later = int((clock.now() + timedelta(seconds=5)).timestamp())
    assert client.get(f"{path}?after={later}").content.strip() == b""
    workflow_services.claim_task(task_of(ticket), by=cast.coordinator)
    assert cast.coordinator.name in client.get(path).content.decode()
    seen = re.search(r'data-seen="(\d+)"', client.get(ticket.get_absolute_url()).content.decode())
    assert client.get(f"{path}?after=&seen={seen[1]}").content.strip() == b""
    workflow_services.release_task(task_of(ticket), by=cast.coordinator)
    assert cast.coordinator.name in client.get(f"{path}?after=&seen={seen[1]}").content.decode()
    assert client_of(cast.outsider).get(path).status_code == 404


def test_what_a_page_asks_by_itself_does_not_keep_a_session_alive(cast, client_of):
    client = client_of(cast.coordinator)
    session = client.session
    session["seen_at"] = session["began_at"] = clock.now().timestamp()
    session.save()
    by_itself = {"X-Onepoint-Unattended": "1"}
    for minutes in (5, 10, 14):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            assert client.get("/desk/figures/", headers=by_itself).status_code == 200
    # Two minutes after the last of these; but nobody has touched the page for longer than the policy lets him.
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.get("/desk/figures/", headers=by_itself).status_code == 401
