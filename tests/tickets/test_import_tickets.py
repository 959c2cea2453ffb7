"""Tickets from files."""

import csv
from collections import Counter
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from cast import Cast
from onepoint.accounts.models import OrgUnit, Region
from onepoint.core.models import AuditEntry
from onepoint.tickets import services
from onepoint.tickets.importing.files import read_rows
from onepoint.tickets.importing.mapping import MappingProblem, RowProblem, load_mapping, read_mapping
from onepoint.tickets.importing.run import Importer
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.categories import CategoryItems
from onepoint.workflow import queries as workflow_queries
from tickets.conftest import fresh

ROOT = Path(__file__).parents[2]
REAL_FILE = ROOT / "../shared/data/telecom_complaints_2015.csv"
REAL_MAPPING = ROOT / "examples/telecom_complaints_2015.yaml"
MAPPING = """
source: old-system
columns: {number: 编号, title: 内容, date: 日期, time: 时间, channel: 来源, contact_phone: 电话}
date_formats: ["%d-%m-%y", "%Y-%m-%d"]
time_formats: "%I:%M:%S %p"
channels: {电话: hotline, 网上: web}
keep:
  城市: {key: city, label: 城市, label_en: City}
categories:
  default: billing
  rules:
    - {match: '掉线|断', category: bb_drops}
    - {match: '慢', category: bb_slow}
regions:
  column: 地区
  under: {code: province}
  groups:
    - {code: east, unit: {code: east-calls}, members: {东区: {code: east-1, name: 东一区, kind: county}}}
"""
HEAD = ["编号", "内容", "日期", "时间", "来源", "地区", "城市", "电话"]
ROWS = [
    ["1001", "宽带晚上慢", "03-04-15", "9:05:00 PM", "电话", "东区", "甲城", "13800138000"],
    ["abc", "经常掉线", "2015-04-08", "10:22:56 am", "网上", "东区", "乙城", ""],
    ["1003", "费用不清", "08-04-15", "1:00:00 PM", "电话", "东区", "甲城", ""],
]


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


@pytest.fixture
def mapping_file(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


@pytest.fixture
def house(cast: Cast, categories, complaint_process) -> Cast:
    """Everything a row needs."""
    return cast


def run(path: Path, mapping_file: Path, **more):
    importer = Importer(load_mapping(mapping_file), by=None, **more)
    return [(result.external_number, result.outcome) for result in importer.run(read_rows(path))]


def test_a_row_becomes_a_ticket_at_its_own_moment_and_place(house: Cast, mapping_file: Path, tmp_path: Path) -> None:
    run(write_csv(tmp_path / "rows.csv", ROWS), mapping_file)
    ticket = Ticket.objects.get(external_number="1001")
    assert timezone.localtime(ticket.opened_at) == datetime(2015, 4, 3, 21, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert ticket.number.startswith("TS20150403")
    assert (ticket.category.code, ticket.channel, ticket.region.code, ticket.unit) == (
        "bb_slow",
        "hotline",
        "east-1",
        house.call_centre,
    )
    assert ticket.region.parent == house.east
    assert ticket.external_items["city"] == {"label": "城市", "label_en": "City", "value": "甲城"}
    assert ticket.contact_phone_key == "+8613800138000"
    assert AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk).earliest("id").at == ticket.opened_at


def test_it_waits_in_the_to_do_of_the_coordinator_of_its_region(
    house: Cast, mapping_file: Path, tmp_path: Path
) -> None:
    run(write_csv(tmp_path / "rows.csv", ROWS), mapping_file)
    waiting = set(workflow_queries.open_tasks_for(fresh(house.coordinator)).values_list("subject_number", flat=True))
    assert waiting == set(Ticket.objects.values_list("number", flat=True))
    assert not workflow_queries.open_tasks_for(fresh(house.outsider)).exists()
    assert Ticket.objects.visible_to(fresh(house.coordinator)).count() == 3
    assert not Ticket.objects.visible_to(fresh(house.outsider)).exists()


def test_running_it_again_adds_nothing(house: Cast, mapping_file: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "rows.csv", ROWS)
    assert run(path, mapping_file) == [("1001", "created"), ("abc", "created"), ("1003", "created")]
    assert run(path, mapping_file) == [("1001", "already there"), ("abc", "already there"), ("1003", "already there")]
    assert Ticket.objects.count() == 3
    assert AuditEntry.objects.filter(verb="ticket.created").count() == 3


def test_a_bad_row_stops_nothing_and_says_why(house: Cast, mapping_file: Path, tmp_path: Path) -> None:
    bad = [
        ["", "没有编号", "03-04-15", "9:05:00 PM", "电话", "东区", "", ""],
        ["b1", "日期不对", "31-02-15", "9:05:00 PM", "电话", "东区", "", ""],
        ["b2", "时间不对", "03-04-15", "25:00", "电话", "东区", "", ""],
        ["b3", "没有的地区", "03-04-15", "9:05:00 PM", "电话", "火星", "", ""],
        ["b4", "没有的渠道", "03-04-15", "9:05:00 PM", "信鸽", "东区", "", ""],
    ]
    path = write_csv(tmp_path / "rows.csv", [ROWS[0], *bad, ROWS[1], ROWS[0], ROWS[2]])
    importer = Importer(load_mapping(mapping_file), by=None)
    results = list(importer.run(read_rows(path)))
    outcomes = [result.outcome for result in results]
    assert outcomes == ["created", *["failed"] * 5, "created", "already there", "created"]
    assert all(result.reason for result in results if result.outcome == "failed")
    assert Ticket.objects.count() == 3


def test_after_a_kill_the_next_run_brings_the_rest(
    house: Cast, mapping_file: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("onepoint.tickets.importing.run.BATCH", 2)
    path = write_csv(tmp_path / "rows.csv", ROWS)
    importer = Importer(load_mapping(mapping_file), by=None)
    results = importer.run(read_rows(path))
    next(results)
    results.close()
    assert Ticket.objects.count() == 2
    assert [outcome for _number, outcome in run(path, mapping_file)] == ["already there", "already there", "created"]


def test_a_dry_run_keeps_nothing(house: Cast, mapping_file: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "rows.csv", ROWS)
    assert [outcome for _number, outcome in run(path, mapping_file, dry_run=True)] == ["created"] * 3
    assert not Ticket.objects.exists()
    assert not Region.objects.filter(code="east-1").exists()


def test_a_spreadsheet_says_the_same(house: Cast, mapping_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, [1001, "宽带晚上慢"])
        sheet.write_datetime(1, 2, datetime(2015, 4, 3), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_row(1, 3, ["9:05:00 PM", "电话", "东区", "甲城", ""])
    assert run(path, mapping_file) == [("1001", "created")]
    assert timezone.localtime(Ticket.objects.get().opened_at).date() == date(2015, 4, 3)


def test_a_gb18030_file_is_read(house: Cast, mapping_file: Path, tmp_path: Path) -> None:
    assert run(write_csv(tmp_path / "rows.csv", ROWS, "gb18030"), mapping_file)[0] == ("1001", "created")


def test_the_command_reports_every_row(house: Cast, mapping_file: Path, tmp_path: Path, capsys) -> None:
    path = write_csv(
        tmp_path / "rows.csv", [ROWS[0], ["=1+1", "无地区", "03-04-15", "9:05:00 PM", "电话", "?", "", ""]]
    )
    report = tmp_path / "report.csv"
    call_command("import_tickets", path, mapping=mapping_file, report=report)
    with report.open(encoding="utf-8-sig") as file:
        lines = list(csv.reader(file))
    assert lines[1][1:3] == ["1001", "created"]
    assert lines[2][1:3] == ["'=1+1", "failed"]
    assert "2 rows: 1 created, 0 already there, 1 failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"source": None}, {"columns": {"number": "a"}}, {"columns": {"number": "a", "title": "b", "date": "c", "colour": "d"}},
        {"zone": "Mars/Olympus"}, {"constants": {"kind": "song"}}, {"channels": {"x": "pigeon"}}, {"categories": {"rules": []}},
        {"categories": {"default": "a", "rules": [{"match": "("}]}}, {"regions": {"column": "x"}},
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_with_a_sentence(change: dict) -> None:
    written = {key: value for key, value in (yaml.safe_load(MAPPING) | change).items() if value is not None}
    with pytest.raises(MappingProblem) as refusal:
        read_mapping(yaml.safe_dump(written, allow_unicode=True))
    assert str(refusal.value)


def test_a_category_that_does_not_exist_is_told_before_anything_comes_in(
    cast: Cast, mapping_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="bb_drops"):
        call_command("import_tickets", write_csv(tmp_path / "rows.csv", ROWS), mapping=mapping_file)


def test_a_time_may_be_missing_from_the_file() -> None:
    mapping = read_mapping(
        "source: x\ncolumns: {number: n, title: t, date: d}\ncategories: {default: c}\nconstants: {channel: web}"
    )
    assert mapping.moment({"d": "2015-04-08"}).time() == time(12)
    with pytest.raises(RowProblem):
        mapping.moment({"d": "8 April"})


@pytest.fixture
def real_rows() -> list[dict]:
    if not REAL_FILE.exists():
        pytest.skip("../shared/data is not beside this checkout")
    return list(read_rows(REAL_FILE))


def test_the_mapping_of_the_real_file_places_every_row(real_rows: list[dict]) -> None:
    mapping = load_mapping(REAL_MAPPING)
    assert len(real_rows) == 2224
    areas = Counter(mapping.region(row).parent.code for row in real_rows)
    assert areas == {"US-SOUTH": 1032, "US-WEST": 506, "US-MIDWEST": 381, "US-NORTHEAST": 305}
    assert Counter(mapping.channel(row) for row in real_rows) == {"hotline": 1119, "web": 1105}
    assert len({mapping.category_code(row) for row in real_rows}) > 25
    in_order = sorted((row for row in real_rows if row["Ticket #"].isdigit()), key=lambda row: int(row["Ticket #"]))
    days = [mapping.moment(row).date() for row in in_order]
    assert days == sorted(days), "the dates of the file never run back when sorted by number"
    assert (days[0], days[-1]) == (date(2015, 4, 1), date(2015, 6, 30))


def test_the_real_file_comes_in_on_a_house_without_its_regions_and_units(
    cast: Cast, severities, complaint_process, real_rows: list[dict]
) -> None:
    """Every twentieth row and the one whose number is a word; the journey of the whole house takes them all."""
    mapping = load_mapping(REAL_MAPPING)
    for code in sorted(mapping.category_codes):
        services.create_category(CategoryItems(code=code, name=code), by=None)
    rows = [row for place, row in enumerate(real_rows) if place % 20 == 0 or row["Ticket #"] == "comcas"]
    results = list(Importer(mapping, by=None).run(rows))
    assert [result for result in results if result.outcome != "created"] == []
    odd = Ticket.objects.get(external_number="comcas")
    assert (odd.region.code, odd.region.parent.code, odd.unit.code) == ("US-TN", "US-SOUTH", "us-south")
    assert timezone.localtime(odd.opened_at) == datetime(2015, 4, 30, 21, 55, 33, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert OrgUnit.objects.get(code="us-west").region.code == "US-WEST"
    assert not Ticket.objects.filter(process_instance=None).exists()
    assert {result.outcome for result in Importer(mapping, by=None).run(rows)} == {"already there"}
