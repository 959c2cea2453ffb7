"""A second person for large exports and for such with personal data in full: the file, not the way to it, counts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.core import clock, export_approval, exporting
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.export_approval import ExportNotHeld, NotYourOwnExport
from onepoint.core.exporting import ExportNotThere
from onepoint.core.models import AuditEntry, Export, ExportStatus
from onepoint.notifications.models import Notification

PLAIN = ["number", "title"]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def tickets(cast: Cast, register: Any) -> None:
    for number in range(3):
        register(title=f"东市{number}", contact_phone="13900001111")


@pytest.fixture
def approver(cast: Cast) -> User:
    return cast.supervisor


def limit(rows: int = 1000, values: int = 0) -> None:
    export_approval.change_export_policy(is_on=True, most_rows=rows, most_personal_values=values, by=None)


def export(by: User, columns: list[str]) -> Export:
    made = exporting.start_export("tickets", query="", columns=columns, file_format="csv", by=by)
    exporting.write_export(made.pk)
    made.refresh_from_db()
    return made


def test_small_exports_without_personal_data_are_direct(cast: Cast, tickets: None) -> None:
    limit(rows=3)
    made = export(cast.agent, PLAIN)
    assert (made.status, made.personal_count) == (ExportStatus.READY, 0)
    assert exporting.open_export(made, by=cast.agent).exists()


def test_more_rows_than_the_limit_wait_for_somebody_else(cast: Cast, tickets: None, approver: User) -> None:
    limit(rows=2)
    made = export(cast.agent, PLAIN)
    assert made.status == ExportStatus.AWAITING
    with pytest.raises(ExportNotThere):
        exporting.open_export(made, by=cast.agent)
    told = Notification.objects.get(event="export.held")
    assert (told.person_id, told.facts["rows"]) == (approver.pk, 3)
    export_approval.approve_export(made, by=approver)
    assert exporting.open_export(made, by=cast.agent).exists()
    assert Notification.objects.get(event="export.decided").person_id == cast.agent.pk
    entry = AuditEntry.objects.get(verb="export.approved")
    assert (entry.actor_id, entry.data["asked_by"], entry.data["rows"]) == (approver.pk, cast.agent.pk, 3)


def test_many_small_exports_are_one_large_one(cast: Cast, tickets: None, time_machine: Any) -> None:
    limit(rows=6)
    made = [export(cast.agent, PLAIN).status for _round in range(3)]
    assert made == [ExportStatus.READY, ExportStatus.READY, ExportStatus.AWAITING]
    assert export(cast.second_agent, PLAIN).status == ExportStatus.READY
    time_machine.move_to(clock.now() + timedelta(days=1, minutes=1))
    assert export(cast.agent, PLAIN).status == ExportStatus.READY


def test_throwing_files_away_does_not_make_room(cast: Cast, tickets: None) -> None:
    limit(rows=3)
    exporting.cancel_export(export(cast.agent, PLAIN), by=cast.agent)
    assert export(cast.agent, PLAIN).status == ExportStatus.AWAITING


def test_any_personal_data_in_full_waits_and_masked_ones_do_not(cast: Cast, tickets: None) -> None:
    limit()
    held = export(cast.agent, ["number", "contact_phone"])
    assert (held.status, held.personal_count) == (ExportStatus.AWAITING, 3)
    role = Role.objects.get(code="agent")
    role.permissions = [code for code in role.permissions if code != "personal_data.see_phone"]
    role.save()
    masked = export(User.objects.get(pk=cast.agent.pk), ["number", "contact_phone"])
    assert (masked.status, masked.personal_count) == (ExportStatus.READY, 0)


def test_numbers_typed_into_a_title_count_too(cast: Cast, register: Any) -> None:
    limit()
    register(title="请回电 13900001111", contact_phone="")
    assert export(cast.agent, PLAIN).personal_count == 1


def test_nobody_approves_his_own_and_nobody_without_the_right(cast: Cast, tickets: None, approver: User) -> None:
    limit(rows=0)
    approver_role = Role.objects.get(code="supervisor")
    approver_role.permissions = [*approver_role.permissions, "list.export"]
    approver_role.save()
    own = export(User.objects.get(pk=approver.pk), PLAIN)
    with pytest.raises(NotYourOwnExport):
        export_approval.approve_export(own, by=User.objects.get(pk=approver.pk))
    made = export(cast.agent, PLAIN)
    for somebody in (cast.agent, cast.coordinator):
        with pytest.raises(NotPermitted):
            export_approval.approve_export(made, by=somebody)


def test_after_a_day_nobody_can_approve_it_and_the_file_is_gone(
    cast: Cast, tickets: None, approver: User, time_machine: Any
) -> None:
    limit(rows=0)
    made = export(cast.agent, PLAIN)
    time_machine.move_to(clock.now() + timedelta(days=1, minutes=1))
    with pytest.raises(ExportNotHeld):
        export_approval.approve_export(made, by=approver)
    exporting.remove_expired_exports()
    made.refresh_from_db()
    assert (made.status, exporting.file_of(made).exists()) == (ExportStatus.FAILED, False)


def test_two_people_decide_once(cast: Cast, tickets: None, approver: User) -> None:
    limit(rows=0)
    made = export(cast.agent, PLAIN)
    same = Export.objects.get(pk=made.pk)
    export_approval.approve_export(made, by=approver)
    with pytest.raises(ExportNotHeld):
        export_approval.refuse_export(same, words="不行", by=approver)


def test_a_refusal_needs_words_and_deletes_the_file(cast: Cast, tickets: None, approver: User, client_of: Any) -> None:
    limit(rows=0)
    made = export(cast.agent, PLAIN)
    with pytest.raises(InvalidInput):
        export_approval.refuse_export(made, words=" ", by=approver)
    page = client_of(approver)
    assert page.post(f"/exports/approvals/{made.pk}/refuse/", {"words": ""}).status_code == 422
    assert page.post(f"/exports/approvals/{made.pk}/refuse/", {"words": "没有说明用途"}).status_code == 302
    exporting.remove_expired_exports()
    assert not exporting.file_of(made).exists()
    assert "没有说明用途" in client_of(cast.agent).get("/exports/").content.decode()
    assert AuditEntry.objects.get(verb="export.refused").data["words"] == "没有说明用途"


def test_the_queue_shows_what_the_approver_looks_after(
    cast: Cast, tickets: None, approver: User, client_of: Any, register: Any
) -> None:
    limit(rows=0)
    register(title="西市丙", by=cast.outsider)
    made, elsewhere = export(cast.agent, PLAIN), export(cast.outsider, PLAIN)
    page = client_of(approver)
    assert [row.export.pk for row in page.get("/exports/approvals/").context["rows"]] == [made.pk]
    assert page.post(f"/exports/approvals/{elsewhere.pk}/approve/").status_code == 404
    assert client_of(cast.agent).get("/exports/approvals/").status_code == 403
    assert page.post(f"/exports/approvals/{made.pk}/approve/").status_code == 302
    assert client_of(cast.agent).get(f"/exports/{made.pk}/file/").status_code == 200


def test_the_limits_have_a_screen_for_those_who_manage_roles(cast: Cast, client_of: Any) -> None:
    sent = {"is_on": "on", "most_rows": 5, "most_personal_values": 2}
    assert client_of(cast.supervisor).post("/exports/policy/", sent).status_code == 403
    assert client_of(cast.admin).post("/exports/policy/", {**sent, "most_rows": -1}).status_code == 422
    assert client_of(cast.admin).post("/exports/policy/", sent).status_code == 302
    policy = export_approval.export_policy()
    assert policy is not None
    assert (policy.is_on, policy.most_rows, policy.most_personal_values) == (True, 5, 2)
    assert AuditEntry.objects.get(verb="export_policy.changed").data["changes"]["most_rows"] == [1000, 5]
    with pytest.raises(NotPermitted):
        export_approval.change_export_policy(is_on=False, most_rows=5, most_personal_values=2, by=cast.agent)


def test_the_queue_says_in_words_what_narrows_the_list(
    cast: Cast, tickets: None, approver: User, client_of: Any
) -> None:
    limit(rows=0)
    for query in ("kind=complaint&sort=-opened", "kind=complaint&later_known=1"):
        made = exporting.start_export("tickets", query=query, columns=PLAIN, file_format="csv", by=cast.agent)
        exporting.write_export(made.pk)
    told, untold = client_of(approver).get("/exports/approvals/").context["rows"]
    assert told.filter_form["kind"].value() == "complaint"
    assert (untold.filter_form, untold.filters) == (None, [("kind", "complaint"), ("later_known", "1")])
