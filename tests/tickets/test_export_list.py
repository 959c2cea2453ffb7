"""Lists as files: asked for, written by the job in the asker's scope, fetched, cancelled, expired."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.core import clock, exporting
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.exporting import ExportNotThere, TooManyExports, TooManyRows
from onepoint.core.models import AuditEntry, Export, ExportStatus
from onepoint.tickets import services as ticket_services

NEW = "/exports/new/"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def ask(by: User, code: str = "tickets", query: str = "", columns: Any = (), file_format: str = "csv") -> Export:
    return exporting.start_export(code, query=query, columns=columns, file_format=file_format, by=fresh(by))


def rows_of(export: Export) -> list[list[str]]:
    exporting.write_export(export.pk)
    export.refresh_from_db()
    assert export.status == ExportStatus.READY, export.problem
    return list(csv.reader(StringIO(exporting.file_of(export).read_text(encoding="utf-8-sig"))))


@pytest.fixture
def some(cast: Cast, register: Any) -> None:
    register(title="东市甲", contact_phone="13900001111")
    register(title="=东市乙", contact_phone="13900002222")
    register(title="西市丙", by=cast.outsider)


def titles(export: Export) -> list[str]:
    head, *rows = rows_of(export)
    return [row[head.index("标题")] for row in rows]


def test_the_file_holds_what_the_page_shows(cast: Cast, some: None) -> None:
    assert titles(ask(cast.agent)) == ["'=东市乙", "东市甲"]
    assert titles(ask(cast.agent, query="sort=opened")) == ["东市甲", "'=东市乙"]
    assert titles(ask(cast.agent, query="kind=praise")) == []


def test_words_narrow_the_file_as_they_narrow_the_page(cast: Cast, some: None) -> None:
    ticket_services.index_changes()
    assert titles(ask(cast.agent, query="text=东市甲")) == ["东市甲"]


def test_nobody_gets_more_than_his_scope(cast: Cast, some: None) -> None:
    assert titles(ask(cast.outsider)) == ["西市丙"]
    assert len(titles(ask(cast.admin))) == 3


def test_the_chosen_columns_stand_in_their_order_and_unknown_ones_nowhere(cast: Cast, some: None) -> None:
    head, *_rows = rows_of(ask(cast.agent, columns=["title", "evil", "number"]))
    assert head == ["标题", "编号"]


def test_scope_permission_and_masking_are_those_of_the_moment_of_writing(cast: Cast, some: None) -> None:
    export = ask(cast.agent, columns=["number", "contact_phone"])
    assert "13900001111" in str(rows_of(export))
    masked = ask(cast.agent, columns=["number", "contact_phone"])
    role = Role.objects.get(code="agent")
    role.permissions = [code for code in role.permissions if code != "personal_data.see_phone"]
    role.save()
    assert "13900001111" not in str(rows_of(masked))
    refused = ask(cast.agent)
    cast.agent.role_grants.all().delete()
    exporting.write_export(refused.pk)
    refused.refresh_from_db()
    assert refused.status == ExportStatus.FAILED
    assert not exporting.file_of(refused).exists()


def test_somebody_locked_out_meanwhile_gets_nothing(cast: Cast, some: None) -> None:
    export = ask(cast.agent)
    User.objects.filter(pk=cast.agent.pk).update(is_active=False)
    exporting.write_export(export.pk)
    export.refresh_from_db()
    assert export.status == ExportStatus.FAILED


@pytest.mark.parametrize("part", ["handler", "interface_person"])
def test_without_the_permission_there_is_no_export(cast: Cast, part: str, client_of: Any) -> None:
    person = getattr(cast, part)
    with pytest.raises(NotPermitted):
        ask(person)
    assert client_of(person).post(NEW, {"list": "tickets", "format": "csv"}).status_code == 403
    assert "/exports/new/" not in client_of(person).get("/tickets/").content.decode()


@pytest.mark.parametrize("code", ["journal", "people", "nonsense", "", "\x00"])
def test_a_list_one_may_not_see_cannot_be_exported(cast: Cast, code: str) -> None:
    with pytest.raises(NotPermitted):
        ask(cast.agent, code)


@pytest.mark.parametrize("code", ["tickets", "customers", "contacts", "people", "journal"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_every_list_can_be_had_in_both_formats(
    cast: Cast, ticket: Any, customer: Any, code: str, file_format: str
) -> None:
    role = Role.objects.get(code="admin")
    role.permissions = [*role.permissions, "contact.view"]
    role.save()
    every = [column.key for column in exporting.find_list(code).columns]  # type: ignore[union-attr]
    export = ask(cast.admin, code, columns=every, file_format=file_format)
    count = exporting.find_list(code).rows(fresh(cast.admin), QueryDict()).count()  # type: ignore[union-attr]
    exporting.write_export(export.pk)
    export.refresh_from_db()
    assert export.status == ExportStatus.READY
    assert export.size == exporting.file_of(export).stat().st_size > 50
    assert export.done_count == count


def test_only_the_asker_sees_fetches_and_cancels_it(cast: Cast, some: None, client_of: Any) -> None:
    export = ask(cast.agent)
    exporting.write_export(export.pk)
    for person, status in ((cast.agent, 200), (cast.admin, 404), (cast.coordinator, 404)):
        assert client_of(person).get(f"/exports/{export.pk}/file/").status_code == status
    client_of(cast.admin).post(f"/exports/{export.pk}/cancel/")
    assert exporting.file_of(export).exists()
    assert str(export.pk) not in client_of(cast.coordinator).get("/exports/").content.decode().split("<main")[-1]


def test_the_download_is_never_shown_by_the_browser_nor_kept(cast: Cast, some: None, client_of: Any) -> None:
    export = ask(cast.agent, file_format="xlsx")
    exporting.write_export(export.pk)
    answer = client_of(cast.agent).get(f"/exports/{export.pk}/file/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"".join(answer.streaming_content).startswith(b"PK")  # type: ignore[arg-type]


def test_what_was_asked_written_and_fetched_is_journaled(cast: Cast, some: None, client_of: Any) -> None:
    export = ask(cast.agent, query="kind=complaint")
    exporting.write_export(export.pk)
    client_of(cast.agent).get(f"/exports/{export.pk}/file/")
    entries = list(AuditEntry.objects.filter(subject_type="export", subject_id=export.pk).order_by("id"))
    assert [entry.verb for entry in entries] == ["export.asked", "export.written", "export.downloaded"]
    assert entries[0].data["query"] == "kind=complaint"
    assert entries[1].data["rows"] == 2


def test_a_cancelled_export_is_not_written_and_leaves_no_file(
    cast: Cast, some: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    waiting = ask(cast.agent)
    exporting.cancel_export(waiting, by=fresh(cast.agent))
    exporting.write_export(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.done_count) == (ExportStatus.CANCELLED, 0)

    running = ask(cast.agent)
    chunks = exporting._chunks

    def cancel_after_the_first(*arguments: Any) -> Iterator[Any]:
        for chunk in chunks(*arguments):
            yield chunk
            exporting.cancel_export(running, by=fresh(cast.agent))

    monkeypatch.setattr(exporting, "_chunks", cancel_after_the_first)
    exporting.write_export(running.pk)
    running.refresh_from_db()
    assert running.status == ExportStatus.CANCELLED
    assert list(exporting.folder().iterdir()) == []

    monkeypatch.setattr(exporting, "_chunks", chunks)
    ready = ask(cast.agent)
    exporting.write_export(ready.pk)
    with django_capture_on_commit_callbacks(execute=True):
        exporting.cancel_export(ready, by=fresh(cast.agent))
    assert not exporting.file_of(ready).exists()


def test_after_its_worker_was_killed_it_is_written_anew(cast: Cast, some: None) -> None:
    export = ask(cast.agent)
    Export.objects.filter(pk=export.pk).update(status=ExportStatus.RUNNING, done_count=1, total_count=2)
    (exporting.folder() / f"{export.pk}.abc.unfinished").write_text("half")
    assert len(rows_of(export)) == 3
    exporting.remove_expired_exports()
    assert [path.name for path in exporting.folder().iterdir()] == [export.storage_name]


def test_a_file_goes_after_its_time_and_the_job_that_was_given_up_is_ended(
    cast: Cast, some: None, client_of: Any
) -> None:
    export = ask(cast.agent)
    exporting.write_export(export.pk)
    lost = ask(cast.agent)
    with clock.at(clock.now() + exporting.KEPT + timedelta(minutes=1)):
        exporting.remove_expired_exports()
    export.refresh_from_db()
    lost.refresh_from_db()
    assert not exporting.file_of(export).exists()
    assert not export.is_there
    assert lost.status == ExportStatus.FAILED
    with pytest.raises(ExportNotThere):
        exporting.open_export(export, by=fresh(cast.agent))


def test_one_person_has_only_so_many_under_way(cast: Cast) -> None:
    for _more in range(exporting.MOST_AT_ONCE):
        ask(cast.agent)
    with pytest.raises(TooManyExports):
        ask(cast.agent)
    ask(cast.admin)


def test_more_rows_than_a_sheet_holds_are_refused_with_the_figure(
    cast: Cast, some: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting.spreadsheets, "MOST_ROWS", 1)
    export = ask(cast.agent)
    exporting.write_export(export.pk)
    export.refresh_from_db()
    assert export.status == ExportStatus.FAILED
    assert export.problem == str(TooManyRows(rows=2, most=1)) or "2" in export.problem


def test_an_unknown_format_is_refused(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        ask(cast.agent, file_format="exe")


def test_the_page_shows_progress_and_asks_again_while_something_is_under_way(cast: Cast, client_of: Any) -> None:
    export = ask(cast.agent)
    Export.objects.filter(pk=export.pk).update(status=ExportStatus.RUNNING, done_count=25, total_count=100)
    page = client_of(cast.agent).get("/exports/").content.decode()
    assert 'value="25"' in page
    assert 'hx-trigger="every 1s"' in page
    exporting.cancel_export(export, by=fresh(cast.agent))
    assert 'hx-trigger="every 1s"' not in client_of(cast.agent).get("/exports/").content.decode()


def test_the_button_asks_for_the_file(cast: Cast, some: None, client_of: Any) -> None:
    client = client_of(cast.agent)
    answer = client.post(
        NEW, {"list": "tickets", "format": "csv", "query": "kind=complaint", "columns": "number,title"}
    )
    assert answer.headers["Location"] == "/exports/"
    export = Export.objects.get()
    assert (export.query, export.columns, export.actor_id) == ("kind=complaint", ["number", "title"], cast.agent.pk)
