"""Customers from files: what is read, what becomes of the rows, and what a kill or a second run leaves."""

import zipfile
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from customers.conftest import again
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.customers import policies, services
from onepoint.customers.importing import files
from onepoint.customers.importing.fields import guess_columns
from onepoint.customers.models import Customer, CustomerImport, ImportedRow, ImportMapping
from onepoint.customers.queries import imports as queries
from onepoint.customers.services import imports as running

HEAD = "客户编号,客户名称,手机号,固定电话,地区,级别,设备名称,型号,序列号,保修到期,联系人,联系人电话\n"
ROWS = (
    "K1,东市光谷科技有限公司,13800138001,0571-88880001,东市,,数控车床,CK6150,SN-1,2027-01-31,李科长,13700137001\n"
    "K2,王小明,13800138002,,east,,,,,,,\n"
)


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path: Path) -> None:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages


def upload(keeper, content=HEAD + ROWS, name="客户.csv", encoding="utf-8"):
    data = content.encode(encoding) if isinstance(content, str) else content
    return services.upload_import(SimpleUploadedFile(name, data), by=keeper)


def mapped(keeper, content=HEAD + ROWS, **more):
    source = upload(keeper, content)
    return services.map_import(source, by=keeper, columns=source.columns, source_name="旧系统", **more)


def run(source, keeper):
    services.start_import(source, by=keeper)
    services.run_import(source.pk, by=None)
    return again(source)


def outcomes(source):
    return [(row.row, row.outcome, row.reason) for row in queries.rows_of(source)]


def test_rows_become_customers_with_all_they_own(cast, keeper):
    source = run(mapped(keeper), keeper)
    assert (source.state, source.counts, source.done) == ("done", {"created": 2}, 2)
    company = Customer.objects.get(external_number="K1")
    assert (company.kind, company.region, company.external_source) == ("company", cast.east, "旧系统")
    assert {row.value_key for row in company.accounts.all()} == {"+8613800138001", "+8657188880001"}
    asset = company.assets.get()
    assert (asset.product, asset.model, asset.serial_number, str(asset.warranty_until)) == (
        "数控车床", "CK6150", "SN-1", "2027-01-31",
    )  # fmt: skip
    assert company.contact_persons.get().phone == "13700137001"
    assert Customer.objects.get(external_number="K2").kind == "person"


def test_the_same_file_again_changes_nothing_and_a_changed_row_only_what_differs(keeper):
    run(mapped(keeper), keeper)
    assert run(mapped(keeper), keeper).counts == {"same": 2}
    changed = HEAD + ROWS.replace("王小明", "王小铭").replace("2027-01-31", "2028-01-31")
    assert run(mapped(keeper, changed), keeper).counts == {"updated": 2}
    assert Customer.objects.count() == 2
    assert Customer.objects.get(external_number="K2").name == "王小铭"


def test_without_a_number_name_and_telephone_tell_who_is_meant(cast, keeper):
    text = "姓名,电话,地区\n王小明,13800138000,东市\n"
    for expected in ({"created": 1}, {"same": 1}):
        source = upload(keeper, text)
        services.map_import(source, by=keeper, columns=source.columns)
        assert run(source, keeper).counts == expected


def test_a_bad_row_stops_nothing_and_says_why(cast, keeper):
    text = (
        "姓名,电话,地区,身份证号,级别\n"
        ",13800138000,东市,,\n"
        "甲,13800138001,月球,,\n"
        "乙,不是电话,东市,,\n"
        "丙,13800138002,东市,3.30106E+17,\n"
        "丁,13800138003,东市,,钻石\n"
        "戊,13800138004,东市,,\n"
        "己,13800138004,东市,,\n"
    )
    source = run(
        services.map_import(upload(keeper, text), by=keeper, columns=guess_columns(text.split("\n")[0].split(","))),
        keeper,
    )
    assert source.counts == {"refused": 6, "created": 1}
    reasons = [reason for _row, outcome, reason in outcomes(source) if outcome == "refused"]
    assert all(reasons)
    assert Customer.objects.get().number in reasons[-1]


def test_likely_duplicates_come_in_when_asked_for(cast, keeper):
    text = "姓名,电话,地区\n戊,13800138004,东市\n己,13800138004,东市\n"
    source = upload(keeper, text)
    services.map_import(source, by=keeper, columns=source.columns, despite_duplicates=True)
    assert run(source, keeper).counts == {"created": 2}


def test_what_the_file_lacks_is_taken_from_the_defaults(cast, keeper):
    services.create_level(by=None, code="gold", name="金级")
    source = upload(keeper, "姓名\n甲\n")
    services.map_import(source, by=keeper, columns=source.columns, defaults={"region": "east", "level": "gold"})
    run(source, keeper)
    customer = Customer.objects.get()
    assert (customer.region, customer.level.code) == (cast.east, "gold")


def test_a_rehearsal_keeps_nothing_but_its_report(keeper):
    source = mapped(keeper)
    services.check_import(source, by=keeper)
    services.run_import(source.pk, by=None)
    source = again(source)
    assert (source.state, source.counts) == ("checked", {"created": 2})
    assert not Customer.objects.exists()
    assert run(source, keeper).counts == {"created": 2}
    assert ImportedRow.objects.filter(is_rehearsal=False).count() == 2


def test_a_killed_worker_loses_nothing_and_nothing_comes_twice(cast, keeper, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    text = "姓名,地区\n" + "".join(f"客户{index},东市\n" for index in range(7))
    source = upload(keeper, text)
    services.map_import(source, by=keeper, columns=source.columns)
    services.start_import(source, by=keeper)
    steps = services.steps_of_import(source.pk, by=None)
    next(steps)
    next(steps)
    steps.close()  # the worker is gone
    assert Customer.objects.count() == 4
    services.run_import(source.pk, by=None)
    assert again(source).counts == {"created": 7}
    assert sorted(Customer.objects.values_list("name", flat=True)) == [f"客户{index}" for index in range(7)]


def test_after_a_while_the_job_hands_over_to_another(cast, keeper, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1)
    source = mapped(keeper)
    services.start_import(source, by=keeper)
    before = ProcrastinateJob.objects.filter(task_name="customers.run_import").count()
    services.run_import(source.pk, by=None, seconds=0)
    assert again(source).done == 1
    assert ProcrastinateJob.objects.filter(task_name="customers.run_import").count() == before + 1


def test_two_workers_at_one_import_bring_nothing_in_twice(cast, keeper, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1)
    source = mapped(keeper)
    services.start_import(source, by=keeper)
    first, second = (services.steps_of_import(source.pk, by=None) for _ in range(2))
    next(first)
    assert list(second) != []
    assert list(first) == []
    assert again(source).counts == {"created": 2}


def test_a_cancelled_import_stops_and_keeps_what_came_in(cast, keeper, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 1)
    source = mapped(keeper)
    services.start_import(source, by=keeper)
    steps = services.steps_of_import(source.pk, by=None)
    next(steps)
    services.cancel_import(again(source), by=keeper)
    assert list(steps) == []
    assert (again(source).state, Customer.objects.count()) == ("cancelled", 1)
    with pytest.raises(policies.ImportNotPossible):
        services.start_import(again(source), by=keeper)


def test_starting_twice_at_once_starts_once(keeper):
    source = mapped(keeper)
    stale = again(source)
    services.start_import(source, by=keeper)
    with pytest.raises(SomebodyWasFaster):
        services.start_import(stale, by=keeper)


def test_it_needs_the_permission_also_while_it_runs(cast, keeper):
    with pytest.raises(NotPermitted):
        upload(cast.agent)
    source = mapped(keeper)
    services.start_import(source, by=keeper)
    keeper.is_active = False
    keeper.save()
    services.run_import(source.pk, by=None)
    assert again(source).state == "failed"
    assert again(source).problem
    assert not Customer.objects.exists()


def test_rows_about_customers_outside_the_scope_are_refused(cast, keeper):
    far = services.create_customer(
        by=None, name="远方", region=cast.west, external_source="旧系统", external_number="K9"
    )
    source = mapped(keeper, "客户编号,姓名\nK9,改名\n")
    assert run(source, keeper).counts == {"refused": 1}
    assert again(far).name == "远方"


def test_a_merged_customer_is_met_in_the_record_that_took_it_up(cast, keeper):
    run(mapped(keeper), keeper)
    one, two = Customer.objects.get(external_number="K2"), Customer.objects.get(external_number="K1")
    services.merge_customers(two, one, by=keeper, versions=(two.version, one.version))
    source = run(mapped(keeper, "客户编号,姓名,备注\nK2,东市光谷科技有限公司,新\n"), keeper)
    assert source.counts == {"updated": 1}
    assert again(two).note == "新"


def test_everything_is_audited(keeper):
    source = run(mapped(keeper), keeper)
    verbs = [entry.verb for entry in audit.entries_of("customer_import", source.pk)]
    assert verbs == ["customer_import.uploaded", "customer_import.started", "customer_import.finished"]


def test_a_mapping_is_kept_and_found_by_the_next_file(keeper):
    text = "甲列,乙列\n王小明,东市\n"
    source = upload(keeper, text)
    services.map_import(source, by=keeper, columns={"name": "甲列", "region": "乙列"}, keep_as="怪表")
    assert ImportMapping.objects.get().columns == {"name": "甲列", "region": "乙列"}
    assert upload(keeper, text).columns == {"name": "甲列", "region": "乙列"}


@pytest.mark.parametrize(
    ("columns", "more"),
    [({}, {}), ({"name": "没有这列"}, {}), ({"nonsense": "客户名称"}, {}), ({"name": "客户名称", "note": "客户名称"}, {}),
     ({"name": "客户名称", "external_number": "客户编号"}, {"source_name": ""})],
)  # fmt: skip
def test_a_mapping_that_cannot_work_is_refused(keeper, columns, more):
    with pytest.raises(InvalidInput):
        services.map_import(upload(keeper), by=keeper, columns=columns, **more)


# --- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_text_is_read_in_the_encodings_and_separators_of_daily_life(keeper, encoding, separator):
    source = upload(keeper, "姓名,电话\n王小明,13800138000\n".replace(",", separator), encoding=encoding)
    assert source.heads == ["姓名", "电话"]
    assert source.columns == {"name": "姓名", "mobile": "电话"}


def workbook(rows):
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()


def test_a_workbook_is_read_with_its_numbers_whole(cast, keeper):
    data = workbook([["姓名", "电话", "地区"], ["王小明", 13800138000, "东市"]])
    source = upload(keeper, data, name="客户.xlsx")
    services.map_import(source, by=keeper, columns=source.columns)
    assert run(source, keeper).counts == {"created": 1}
    assert Customer.objects.get().accounts.get().value == "13800138000"


def test_digits_the_spreadsheet_threw_away_are_noticed():
    assert files.as_text(330106198001011234.0).startswith(files.workbook.ROUNDED)
    assert files.as_text("1.38E+10").startswith(files.workbook.ROUNDED)
    assert files.as_text(13800138000.0) == "13800138000"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", "只有表头\n".encode()),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("a.xlsx", b"PK\x03\x04nothing"),
        ("a.xlsx", b"no workbook"),
        ("a.pdf", b"%PDF-1.4"),
        ("a.exe", b"MZ"),
        ("a.csv", b"a,b\n\xff\xff\xff,1\n"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(keeper, name, content):
    with pytest.raises(InvalidInput) as refusal:
        upload(keeper, content, name=name)
    assert refusal.value.errors["file"]
    assert not CustomerImport.objects.exists()


def test_a_workbook_that_unfolds_beyond_measure_is_refused(keeper):
    target = BytesIO(workbook([["姓名"], ["x"]]))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/big.xml", "0" * 20_000_000)
    with pytest.raises(files.FileNotReadable):
        upload(keeper, target.getvalue(), name="bomb.xlsx")


def test_too_many_rows_are_refused(keeper, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 1)
    with pytest.raises(files.FileNotReadable):
        upload(keeper)


def test_heads_are_told_apart(keeper):
    assert upload(keeper, "姓名,电话,电话,\n王,1,2,3\n").heads == ["姓名", "电话", "电话 (2)"]


# --- pages and command --------------------------------------------------------------------------------------------


def test_a_file_goes_through_the_browser_from_upload_to_report(cast, keeper, client_of):
    client = client_of(keeper)
    sent = client.post("/customers/imports/", {"file": SimpleUploadedFile("客户.csv", (HEAD + ROWS).encode("gbk"))})
    source = CustomerImport.objects.get()
    assert sent.headers["Location"] == f"/customers/imports/{source.pk}/mapping/"
    page = client.get(sent.headers["Location"]).content.decode()
    assert "东市光谷科技有限公司" in page
    assert "13800138001" not in page or keeper.may("personal_data.see_phone")
    answer = client.post(
        f"/customers/imports/{source.pk}/mapping/",
        {"source_name": "旧系统", **{f"column-{key}": head for key, head in source.columns.items()}},
    )
    assert answer.status_code == 302
    assert "SN-1" in client.get(f"/customers/imports/{source.pk}/").content.decode()
    for verb, state in (("check", "checked"), ("run", "done")):
        assert client.post(f"/customers/imports/{source.pk}/{verb}/").status_code == 302
        moving = client.get(f"/customers/imports/{source.pk}/?part=progress", headers={"HX-Request": "true"})
        assert "import-progress" in moving.content.decode()
        services.run_import(source.pk, by=None)
        assert again(source).state == state
    ended = client.get(f"/customers/imports/{source.pk}/?part=progress", headers={"HX-Request": "true"})
    assert ended.headers["HX-Refresh"] == "true"
    report = b"".join(client.get(f"/customers/imports/{source.pk}/report.csv").streaming_content).decode("utf-8-sig")
    assert Customer.objects.get(external_number="K1").number in report
    assert client.get(f"/customers/imports/{source.pk}/report.xlsx").content[:2] == b"PK"
    assert client.get(f"/customers/imports/{source.pk}/report.pdf").status_code == 404


def test_another_persons_import_is_not_there(cast, keeper, client_of):
    source = mapped(keeper)
    for person in (cast.outsider, cast.agent):
        for path in ("", "mapping/", "report.csv"):
            assert client_of(person).get(f"/customers/imports/{source.pk}/{path}").status_code == 404
        assert client_of(person).post(f"/customers/imports/{source.pk}/run/").status_code == 404
    assert client_of(cast.agent).get("/customers/imports/").status_code == 403


def test_a_refused_file_is_explained_on_the_page(keeper, client_of):
    answer = client_of(keeper).post("/customers/imports/", {"file": SimpleUploadedFile("a.csv", b"head\n")})
    assert answer.status_code == 422


def test_the_command_imports_with_a_guessed_mapping(cast, keeper, tmp_path):
    file, report, out = tmp_path / "客户.csv", tmp_path / "report.csv", StringIO()
    file.write_text(HEAD + ROWS, encoding="gb18030")
    call_command("import_customers", str(file), source="旧系统", by=keeper.username, report=report, stdout=out)
    assert "2 created" in out.getvalue()
    assert len(report.read_text(encoding="utf-8-sig").splitlines()) == 3
    call_command("import_customers", str(file), source="旧系统", stdout=out)
    assert "2 same" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("import_customers", str(tmp_path / "none.csv"), stdout=out)
    with pytest.raises(CommandError):
        call_command("import_customers", str(file), by="nobody", stdout=out)


def test_the_report_holds_no_formula(cast, keeper):
    from onepoint.customers.importing import report

    source = mapped(keeper, '客户编号,姓名,地区\n"=cmd()",@x,东市\n')
    run(source, keeper)
    text = b"".join(report.as_csv(queries.all_rows_of(again(source)))).decode()
    assert "'=cmd()" in text
    assert ",=" not in text
