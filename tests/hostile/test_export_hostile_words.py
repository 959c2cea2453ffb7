"""Words people write are words in every file the house gives out: nothing in it is calculated, every file opens, and a text
is whole or says that it was cut. Lists, downloads and logs are found by the house itself, so a new one is covered (X1, X11).
"""

import csv
import gzip
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Field
from django.test import Client
from django.urls import reverse
from lxml import etree
from python_calamine import CalamineWorkbook

from access.addresses import ADDRESSES
from access.house import House, Side, furnish
from access.test_walk_every_address import visits
from cast import Cast
from hostile.written_words import room_of, write_everywhere, write_into_special_items
from onepoint.accounts import permissions
from onepoint.accounts.models import OrgUnit, Role, User
from onepoint.accounts.states import DataScope
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.states import MessageState
from onepoint.core import clock, exporting
from onepoint.core.models import Attachment, Export
from onepoint.core.spreadsheets import LONGEST_CELL, as_written
from onepoint.customers.models import CustomerImport, ImportedRow
from onepoint.customers.services.copies import COPY
from onepoint.quality.models import Inspection, Scoring
from onepoint.tickets.models import AttachedTicket, BatchItem, BatchRun, Supervision, Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow
from onepoint.workflow.models import UserTask
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    files_of_this_test,
    severities,
)

BEGIN, END = "⟦", "⟧"  # around each text: where the first stands without the other, something is lost
FIRST = ("=", "+", "-", "@", "\t=", "\r\n=", "＝", "＋", " =", "\u3000@", "\u200b=", "\ufeff-", "\x07=", "\u202e=")
WORDS = f"{BEGIN}1|'/C calc'!A0\x07\x1b[2J\x85\u202e\u2066<b>&lt;]]>\"'\r\n=2+2\n\t_x003D_,;" + END
LONG = f"{BEGIN}1|'/C calc'!A0" + "\r\n=3+3" * 3000 + "😀字" * 8000 + END
#: Lists that tell of one thing only when its number stands in the address.
QUERIES = {
    "batch_items": "run={side.batch.pk}",
    "journal": "sort=at",
    "rectifications": "which=all",
    "measures": "since=2000-01-01&until=2100-01-01&rows=person",
    "attached_tickets": "incident={side.mass_incident.number}",
    "late_tickets": "window=over",
    "late_steps": "window=over",
}
#: Lists that stand empty in this house, with why.
EMPTY = {
    "measures": "rolled up by a job; its names are those of units, people and categories, as in other lists",
    "measured_events": "rolled up by a job; its columns are those of tickets",
    "inspector_agreement": "needs work scored by two; its names are those of people and score cards, as in other lists",
}
_NUMBER = re.compile(r"[+-]?[\d.,]+%?|\+\d[\d ]+")
_CALCULATED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def hostile(field: "Field[Any, Any]") -> str:
    """Begins in another way in every field; as long as it holds, and too long for a cell where nothing limits it."""
    text = FIRST[sum(map(ord, f"{field.model._meta.label}.{field.name}")) % len(FIRST)]
    text += LONG if field.get_internal_type() == "TextField" else WORDS
    room = room_of(field)
    return text if len(text) <= room else text[: room - 1] + END if room > 8 else ""


def make_late_and_settled(side: Side) -> None:
    """What lists tell of that no ticket comes to by itself: late, to be answered, of a mass incident, supervised, inspected."""
    now, past = clock.now(), clock.now() - timedelta(hours=1)
    Ticket.objects.filter(pk=side.ticket.pk).update(status=TicketStatus.REPLYING, due_at=past)
    UserTask.objects.filter(subject_id=side.ticket.pk).update(due_at=past)
    AttachedTicket.objects.create(incident=side.mass_incident, ticket=side.ticket, state="attached", since=now)
    Supervision.objects.create(ticket=side.ticket, reason="=", started_at=now, report_due_at=now)
    Inspection.objects.filter(pk=side.inspection.pk).update(state="told", score=90, result_at=now)
    Scoring.objects.filter(pk=side.scoring.pk).update(
        state="submitted", score=90, submitted_at=now, inspector=side.person
    )


@pytest.fixture
def house(cast: Cast, categories: Any, broadband_form: Any, complaint_process: None) -> House:  # noqa: F811
    # What is copied from names when something happens holds them as well.
    User.objects.update(name=f"={WORDS}"[:60] + END, name_en=f"@{WORDS}"[:60] + END)
    OrgUnit.objects.update(name=f"+{WORDS}"[:60] + END, name_en=f"-{WORDS}"[:60] + END)
    for name in ("agent", "second_agent", "handler", "outsider", "deputy", "admin"):
        getattr(cast, name).refresh_from_db()
    furnished = furnish(cast, categories, broadband_form)
    workflow.complete_task(
        furnished.east.task, outcome="departments_in_sequence", inputs={"departments": [cast.network.pk]}, opinion=WORDS,
        by=User.objects.get(pk=cast.coordinator.pk),
    )  # fmt: skip
    east = furnished.east
    BatchItem.objects.create(run=east.batch, ticket=east.ticket)
    make_late_and_settled(east)
    OutgoingMessage.objects.filter(pk=east.message.pk).update(state=MessageState.DEAD)
    source = CustomerImport.objects.create(file_name="=.csv", created_at=clock.now(), counts={"refused": 1})
    ImportedRow.objects.create(source=source, is_rehearsal=False, row=1, outcome="refused", key=f"=1+1 {WORDS}")
    assert write_everywhere(hostile) > 90
    write_into_special_items(WORDS)
    Attachment.objects.update(name="=1+1.png")
    return furnished


@pytest.fixture
def reader(house: House) -> User:
    """Somebody who may have every list and file."""
    role = Role.objects.get(code="admin")
    role.permissions, role.data_scope = [one.code for one in permissions.all_permissions()], DataScope.ALL
    role.save()
    BatchRun.objects.update(started_by=house.cast.admin)
    return User.objects.get(pk=house.cast.admin.pk)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def is_calculated(cell: str) -> bool:
    return bool(_CALCULATED.match(cell)) and not _NUMBER.fullmatch(cell)


def faults_in(cell: str) -> Iterator[str]:
    if _UNSEEN.search(cell):
        yield f"holds what is not seen: {cell[:60]!r}"
    if cell.count(BEGIN) > cell.count(END) and "……" not in cell and "…" not in cell:
        yield f"is cut and does not say so: {cell[-60:]!r}"
    if len(cell.encode("utf-16-le")) // 2 > LONGEST_CELL:
        yield f"is longer than a cell: {len(cell)}"


def read_csv(content: bytes) -> list[list[str]]:
    """As a spreadsheet opens it; fails on what it would calculate or show wrongly."""
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    assert {len(row) for row in rows} <= {len(rows[0])}
    cells = [cell for row in rows for cell in row]
    faults = [f"is calculated: {cell[:60]!r}" for cell in cells if is_calculated(cell)]
    assert [*faults, *(fault for cell in cells for fault in faults_in(cell))] == []
    return rows


def read_xlsx(content: bytes) -> list[list[Any]]:
    """By a reader of another maker; what stands in the file is XML, has no formula and is marked as text where it might be one."""
    sheet = etree.fromstring(zipfile.ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml"))
    faults = [f"has a {element.tag}" for name in ("f", "hyperlink") for element in sheet.iter(f"{_SHEET}{name}")]
    for cell in sheet.iter(f"{_SHEET}c"):
        text = "".join(cell.itertext())
        if cell.get("t") == "inlineStr":
            faults += faults_in(text)
            faults += [f"is not marked as text: {text[:40]!r}"] if is_calculated(text) and cell.get("s") == "0" else []
        elif text:
            float(text)
    assert faults == []
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def same(text: str, cell: Any) -> bool:
    """Whether both files say the same; a reader of XML takes every line break for a line feed."""
    plain = as_written(text).replace("\r\n", "\n").replace("\r", "\n")
    return not isinstance(cell, str) or plain == cell.replace("\r\n", "\n").replace("\r", "\n")


def written(code: str, house: House, by: User, file_format: str) -> bytes:
    exported = exporting.find_list(code)
    assert exported is not None
    query = QUERIES.get(code, "").format(side=house.east)
    export = exporting.start_export(
        code, query=query, columns=[column.key for column in exported.columns], file_format=file_format, by=by
    )
    exporting.write_export(export.pk)
    export = Export.objects.get(pk=export.pk)
    assert not export.problem, f"{code}: {export.problem}"
    return exporting.file_of(export).read_bytes()


def test_every_list_is_a_file_of_words(house: House, reader: User) -> None:
    empty, hostile_cells = set(), 0
    for code in [code for code, one in exporting._lists.items() if isinstance(one, exporting.ExportedList)]:
        rows = read_csv(written(code, house, reader, "csv"))
        cells = read_xlsx(written(code, house, reader, "xlsx"))
        assert len(cells) >= len(rows)  # the journal tells of the first file in the second
        pairs = [pair for row, line in zip(rows, cells, strict=False) for pair in zip(row, line, strict=True)]
        assert [pair for pair in pairs if not same(*pair)] == [], code
        hostile_cells += sum(BEGIN in text for text, _cell in pairs)
        if len(rows) == 1:
            empty.add(code)
    assert empty == set(EMPTY)  # a new list needs a row in tests/access/house.py
    assert hostile_cells > 100


def test_a_customers_copy_holds_words_and_no_markup(house: House, reader: User) -> None:
    export = exporting.start_bundle(COPY, query=f"customer={house.east.customer.number}", by=reader)
    exporting.write_export(export.pk)
    export.refresh_from_db()
    assert not export.problem
    with zipfile.ZipFile(exporting.file_of(export)) as archive:
        assert BEGIN in json.dumps(json.loads(archive.read("data.json")), ensure_ascii=False)
        page = archive.read("index.html").decode()
        names = archive.namelist()
    assert BEGIN in page
    assert "<b>" not in page
    assert all(re.fullmatch(r"(?:files/)?[^/\\\x00-\x1f]+", name) for name in names), names


# --- what else is given out ------------------------------------------------------------------------------------------

#: Kinds of files that are made here, and how each is opened.
READERS = {
    "text/csv": read_csv,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": read_xlsx,
    "application/xml": etree.fromstring,
    "application/json": json.loads,
}
#: Files that somebody brought are given out byte for byte; their addresses are called so.
BROUGHT = ("-file", "-part", "-original")


def downloads(house: House, client: Client) -> Iterator[tuple[str, str, bytes]]:
    """Every address that answers with a file: its name, the kind of file, what is in it."""
    source = CustomerImport.objects.get().pk
    visited = [
        (name, reverse(name, args=arguments) + entry.query)
        for name, entry in ADDRESSES.items()
        for side, arguments in visits(house, entry)
        if side in ("", "east")
    ]
    reports = [
        ("customer-import-report", reverse("customer-import-report", args=[source, end])) for end in ("csv", "xlsx")
    ]
    for name, url in [*visited, *reports]:
        answer = client.get(url)
        if answer.status_code == 200 and "attachment" in answer.headers.get("Content-Disposition", ""):
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            yield name, answer.headers["Content-Type"].partition(";")[0], content


def test_whatever_is_downloaded_opens_and_calculates_nothing(house: House, reader: User, client_of: Any) -> None:
    met = set()
    for name, kind, content in downloads(house, client_of(reader)):
        met.add((name, kind))
        if not name.endswith(BROUGHT):
            assert kind in READERS, f"{name}: how is {kind} opened?"
            READERS[kind](content)
    assert {kind for name, kind in met if name == "customer-import-report"} == set(list(READERS)[:2])
    assert len(met) >= 5, met


@pytest.mark.parametrize("form", ["xes", "ocel"])
def test_a_log_of_hostile_words_is_well_formed_and_whole(house: House, tmp_path: Path, form: str) -> None:
    path = tmp_path / "log.gz"
    call_command("export_log", str(path), "--format", form, verbosity=0)
    content = gzip.decompress(path.read_bytes())
    if form == "xes":
        texts = [element.get("value") or "" for element in etree.fromstring(content).iter()]
    else:
        texts = [str(one["value"]) for kind in ("objects", "events") for row in json.loads(content)[kind] for one in row["attributes"]]  # fmt: skip
    assert sum(BEGIN in text for text in texts) >= 1
    assert [text for text in texts if text.count(BEGIN) != text.count(END)] == []
