"""Hidden risks: raised from a step or without one, given to a unit with a limit, removed, verified by somebody else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from cast import PASSWORD, Cast
from onepoint.accounts.models import Role, User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications.models import Notification
from onepoint.quality.hidden_risk_rights import OwnRemoval, RiskStateForbids
from onepoint.quality.models import HiddenRisk
from onepoint.quality.queries.hidden_risks import RiskFilter, count_risks, find_risk, find_risks, waiting_for
from onepoint.quality.services import hidden_risks as services
from onepoint.quality.services.hidden_risks import Charge, NewRisk
from onepoint.quality.services.risk_kinds import load_risk_kinds
from onepoint.sla.moments import fire_due
from onepoint.tickets.models import Ticket
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    customer,
    files_of_this_test,
    register,
    severities,
    ticket,
)

RIGHTS = {
    "agent": ["hidden_risk.view", "hidden_risk.raise"],
    "coordinator": ["hidden_risk.view", "hidden_risk.raise", "hidden_risk.coordinate"],
    "handler": ["hidden_risk.view", "hidden_risk.raise", "hidden_risk.remove"],
}


@pytest.fixture
def staff(cast: Cast) -> Cast:
    load_risk_kinds(by=None)
    for code, rights in RIGHTS.items():
        role = Role.objects.get(code=code)
        role.permissions = sorted({*role.permissions, *rights})
        role.save(update_fields=["permissions"])
    for name, value in vars(cast).items():
        if isinstance(value, User):
            setattr(cast, name, User.objects.get(pk=value.pk))
    return cast


def raised(by: User, ticket: Ticket | None = None, title: str = "井盖破损") -> HiddenRisk:  # noqa: F811
    new = NewRisk(request_key=uuid4(), kind="network", title=title, words="雨天必断网", ticket=ticket)
    return services.raise_risk(new, by=by)


def charge(cast: Cast, days: int = 5) -> Charge:
    return Charge(cast.network, cast.handler, clock.now() + timedelta(days=days))


def told(person: User) -> set[str]:
    return set(Notification.objects.filter(person=person).values_list("event", flat=True))


def test_what_an_agent_raises_is_removed_by_a_department_and_verified_and_he_hears_of_every_move(staff: Cast) -> None:
    risk = raised(staff.agent)
    assert "hidden_risk.raised" in told(staff.coordinator)
    services.accept_risk(risk, charge(staff), by=staff.coordinator)
    assert "hidden_risk.given" in told(staff.handler)
    services.start_removal(risk, by=staff.handler)
    services.remove_risk(risk, words="已更换井盖", by=staff.handler)
    services.send_back_removal(risk, words="还有一处", due_at=clock.now() + timedelta(days=2), by=staff.agent)
    services.remove_risk(risk, words="两处都换了", by=staff.handler)
    services.verify_removal(risk, by=staff.agent)
    risk.refresh_from_db()
    assert risk.state == "closed"
    assert {"hidden_risk.accepted", "hidden_risk.removal_begun", "hidden_risk.removed"} <= told(staff.agent)
    verbs = AuditEntry.objects.filter(subject_type="hidden_risk", subject_id=risk.pk).order_by("pk")
    assert [entry.verb.split(".")[1] for entry in verbs] == [
        "raised", "accepted", "removal_begun", "removed", "sent_back", "removed", "verified",
    ]  # fmt: skip


def test_a_form_sent_twice_raises_once(staff: Cast) -> None:
    new = NewRisk(request_key=uuid4(), kind="network", title="井盖破损", words="雨天断网")
    assert services.raise_risk(new, by=staff.agent) == services.raise_risk(new, by=staff.agent)


def test_who_removed_it_does_not_verify_it(staff: Cast) -> None:
    risk = raised(staff.handler)
    services.accept_risk(risk, charge(staff), by=staff.coordinator)
    services.remove_risk(risk, words="换了", by=staff.handler)
    with pytest.raises(OwnRemoval):
        services.verify_removal(risk, by=staff.handler)
    services.verify_removal(risk, by=staff.coordinator)


def test_a_refusal_needs_words_and_its_raiser_may_insist(staff: Cast) -> None:
    risk = raised(staff.agent)
    with pytest.raises(InvalidInput):
        services.refuse_risk(risk, words=" ", by=staff.coordinator)
    services.refuse_risk(risk, words="不是隐患", by=staff.coordinator)
    with pytest.raises(NotPermitted):
        services.insist_on_risk(risk, words="就是", by=staff.second_agent)
    services.insist_on_risk(risk, words="上月已断网三次", by=staff.agent)
    risk.refresh_from_db()
    assert risk.state == "raised"
    assert risk.closed_at is None


def test_states_and_rights_refuse(staff: Cast) -> None:
    risk = raised(staff.agent)
    with pytest.raises(RiskStateForbids):
        services.verify_removal(risk, by=staff.agent)
    with pytest.raises(NotPermitted):
        services.accept_risk(risk, charge(staff), by=staff.agent)
    with pytest.raises(NotPermitted):
        services.accept_risk(risk, charge(staff), by=staff.outsider)
    with pytest.raises(InvalidInput):
        services.accept_risk(risk, charge(staff, days=-1), by=staff.coordinator)


def test_the_responsible_person_is_reminded_and_at_the_limit_everybody_concerned(staff: Cast) -> None:
    risk = raised(staff.agent)
    services.accept_risk(risk, charge(staff), by=staff.coordinator)
    fire_due(clock.now() + timedelta(days=4, hours=12))
    assert "hidden_risk.due_soon" in told(staff.handler)
    assert "hidden_risk.late" not in told(staff.handler)
    fire_due(clock.now() + timedelta(days=6))
    assert "hidden_risk.late" in told(staff.handler) & told(staff.agent)


def test_a_new_limit_replaces_the_old_one(staff: Cast) -> None:
    risk = raised(staff.agent)
    services.accept_risk(risk, charge(staff), by=staff.coordinator)
    services.hand_over_risk(risk, charge(staff, days=30), by=staff.coordinator)
    fire_due(clock.now() + timedelta(days=6))
    assert not {"hidden_risk.due_soon", "hidden_risk.late"} & told(staff.handler)


def test_it_is_counted_by_unit_kind_month_and_raiser_in_the_readers_scope(staff: Cast) -> None:
    risk = raised(staff.agent)
    services.accept_risk(risk, charge(staff), by=staff.coordinator)
    services.remove_risk(risk, words="换了", by=staff.handler)
    services.verify_removal(risk, by=staff.agent)
    raised(staff.second_agent)
    every = RiskFilter(state="all")
    by_raiser = {line["raised_by"]: line for line in count_risks("raiser", every, visible_to=staff.coordinator)}
    assert by_raiser[staff.agent.pk]["verified"] == 1
    assert by_raiser[staff.second_agent.pk]["open"] == 1
    assert count_risks("unit", every, visible_to=staff.coordinator)[0]["raised"] == 1
    assert [line["raised"] for line in count_risks("kind", every, visible_to=staff.coordinator)] == [2]
    assert [line["raised"] for line in count_risks("month", every, visible_to=staff.coordinator)] == [2]
    assert not find_risks(every, visible_to=staff.outsider).exists()
    assert find_risk(risk.number, visible_to=staff.outsider) is None


def test_the_desk_counts_what_waits(staff: Cast) -> None:
    risk = raised(staff.agent)
    services.accept_risk(risk, charge(staff), by=staff.coordinator)
    assert waiting_for(staff.handler).to_remove == 1
    services.remove_risk(risk, words="换了", by=staff.handler)
    assert waiting_for(staff.agent).to_verify == 1
    assert waiting_for(staff.handler).to_remove == 0


def test_one_is_raised_from_the_page_of_a_ticket_in_passing(staff: Cast, client: Client, ticket: Ticket) -> None:  # noqa: F811
    staff.agent.set_password(PASSWORD)
    staff.agent.save()
    client.force_login(staff.agent)
    url = reverse("ticket-hidden-risks", args=[ticket.number])
    said = {"kind": "network", "title": "光缆裸露", "words": "小区东门"}
    assert client.post(url, said | {"title": ""}, headers={"HX-Request": "true"}).status_code == 422
    assert client.post(url, said, headers={"HX-Request": "true"}).status_code == 200
    risk = HiddenRisk.objects.get()
    assert risk.ticket == ticket
    assert risk.region == ticket.region
    assert "光缆裸露" in client.get(risk.get_absolute_url()).content.decode()
    assert AuditEntry.objects.filter(verb="ticket.hidden_risk_raised", subject_id=ticket.pk).exists()


def test_the_list_asks_few_questions(staff: Cast, client_of: Any, django_assert_num_queries: Any) -> None:
    for _number in range(5):
        raised(staff.agent)
    client = client_of(staff.agent)
    client.get(reverse("hidden-risk-list"))
    with django_assert_num_queries(3):
        client.get(reverse("hidden-risk-list"))
