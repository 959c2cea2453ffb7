"""Faxes and letters: files from watched folders, judged by their content, taken in by one person."""

import io
import os
import struct
import threading
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from PIL import Image, ImageDraw

from cast import Cast
from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.accounts.policies import OutsideYourScope
from onepoint.channels import policies, scan_pictures, services
from onepoint.channels.mail.reading import read_mail
from onepoint.channels.models import Contact, IncomingMail, IncomingScan, Mailbox, ScanSource
from onepoint.channels.services import mails, scans
from onepoint.channels.states import ScanState
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import Attachment, AuditEntry

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj 2 0 obj<</Type/Page>>endobj 3 0 obj<</Type /Page /x 1>>endobj\ntrailer<<>>\n%%EOF\n"


def fax(pages: int = 3, mark: str = "") -> bytes:
    """A fax as fax servers write it: black and white, many pages in one file."""
    drawn = []
    for number in range(pages):
        page = Image.new("1", (1728, 600), 1)
        ImageDraw.Draw(page).text((100, 100), f"page {number + 1} {mark}", fill=0)
        drawn.append(page)
    made = io.BytesIO()
    drawn[0].save(made, "TIFF", save_all=True, append_images=drawn[1:], compression="group4")
    return made.getvalue()


def jpeg() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(made, "JPEG")
    return made.getvalue()


def huge_tiff() -> bytes:
    """Says that it is 50,000 × 50,000 pixels."""
    entries = [
        (256, 4, 1, 50_000),
        (257, 4, 1, 50_000),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, 50_000),
        (279, 4, 1, 4),
    ]
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + body


@pytest.fixture(autouse=True)
def _data_folder(tmp_path: Path, settings) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def people(cast: Cast) -> list[User]:
    role = Role.objects.create(
        code="fax", name="传真", permissions=["scan.view", "scan.take_in"], data_scope="own_region"
    )
    for person in (cast.agent, cast.second_agent, cast.outsider):
        RoleGrant.objects.create(user=person, role=role, unit=person.unit)
    return [User.objects.get(pk=person.pk) for person in (cast.agent, cast.second_agent)]


@pytest.fixture
def source(cast: Cast) -> ScanSource:
    return services.save_scan_source(
        None, name="传真服务器", folder="fax", channel="fax", unit=cast.call_centre, is_active=True, by=None
    )


def drop(source: ScanSource, name: str, content: bytes, age: float = 60) -> Path:
    path = scans.folder_of(source) / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def upload(content: bytes, name: str = "fax.tif", unit=None, channel: str = "fax") -> IncomingScan:
    return services.take_in_scan(SimpleUploadedFile(name, content), channel=channel, unit=unit, by=None)


def test_files_of_a_watched_folder_are_taken_once_they_are_whole(source: ScanSource) -> None:
    whole = drop(source, "a.tif", fax())
    writing = drop(source, "b.tif", fax(2), age=0)
    half = drop(source, "c.tif.part", b"II*")
    (scans.folder_of(source) / "folder").mkdir()
    assert services.take_in_folders(by=None) == 1
    scan = IncomingScan.objects.get()
    assert (scan.name, scan.channel, scan.page_count, scan.state, scan.unit) == (
        "a.tif",
        "fax",
        3,
        ScanState.WAITING,
        source.unit,
    )
    assert not whole.exists()
    assert writing.exists()
    assert half.exists()
    assert Path(default_storage.path(scan.file.storage_name)).read_bytes() == fax()
    assert AuditEntry.objects.filter(verb="scan.received").count() == 1


def test_a_file_whose_row_was_committed_before_the_end_counts_once(source: ScanSource) -> None:
    drop(source, "a.tif", fax())
    services.take_in_folders(by=None)
    drop(source, "a.tif", fax())  # the process was killed before the file was gone; or it is sent again
    drop(source, "copy.tif", fax())
    assert services.take_in_folders(by=None) == 2
    assert IncomingScan.objects.count() == 1
    assert Attachment.objects.filter(subject_type="incoming_scan").count() == 1
    assert not list(scans.folder_of(source).iterdir())


def test_links_out_of_the_folder_are_not_followed(source: ScanSource, tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(PDF)
    os.utime(secret, (0, 0))
    (scans.folder_of(source) / "a.pdf").symlink_to(secret)
    assert services.take_in_folders(by=None) == 0
    assert secret.exists()
    assert not IncomingScan.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.tif", huge_tiff()),
        ("script.tif", b"<script>alert(1)</script>"),
        ("page.pdf", b"<html>not a pdf</html>"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj"),
        ("cut.tif", fax()[:60]),
        ("cut.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 30),
        ("macro.docx", b"PK\x03\x04" + b"\0" * 40),
        ("noname", b"II*\0"),
        ("empty.tif", b""),
    ],
)
def test_hostile_and_broken_files_leave_a_row_and_nothing_else(source: ScanSource, name: str, content: bytes) -> None:
    path = drop(source, name, content)
    assert services.take_in_folders(by=None) == 1
    scan = IncomingScan.objects.get()
    assert (scan.state, scan.file) == (ScanState.REFUSED, None)
    assert scan.reason
    assert not path.exists()
    assert not Attachment.objects.exists()


def test_a_fax_of_endless_pages_is_refused(monkeypatch, db) -> None:
    monkeypatch.setattr(scan_pictures, "MOST_PAGES", 5)
    assert upload(fax(6)).state == ScanState.REFUSED
    assert upload(fax(5)).state == ScanState.WAITING
    assert upload(PDF, "brief.pdf").page_count == 2


def test_pages_become_pictures(people, cast: Cast, client_of) -> None:
    scan = upload(fax(2), unit=cast.call_centre)
    client = client_of(people[0])
    answer = client.get(reverse("scan-page", args=[scan.pk, 2]))
    assert answer.headers["Content-Type"] == "image/png"
    shown = Image.open(io.BytesIO(answer.content))
    assert shown.format == "PNG"
    assert shown.width == scan_pictures.SHOWN_WIDTH
    assert client.get(reverse("scan-page", args=[scan.pk, 3])).status_code == 404
    assert client.get(reverse("scan-page", args=[scan.pk, 0])).status_code == 404
    pdf = upload(PDF, "brief.pdf", unit=cast.call_centre, channel="letter")
    inline = client.get(reverse("scan-file", args=[pdf.pk]) + "?inline=1")
    assert inline.headers["Content-Disposition"].startswith("inline")
    assert inline.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in inline.headers["Content-Security-Policy"]
    assert client.get(reverse("scan-page", args=[pdf.pk, 1])).status_code == 404
    assert client_of(cast.outsider).get(reverse("scan-page", args=[scan.pk, 1])).status_code == 404
    Path(default_storage.path(scan.file.storage_name)).unlink()
    assert client.get(reverse("scan-page", args=[scan.pk, 1])).status_code == 503


def test_one_person_takes_it_in_and_the_pages_go_onto_the_contact(people, cast: Cast, client_of) -> None:
    scan = upload(fax(), unit=cast.call_centre, channel="letter")
    services.claim_scan(scan, by=people[0])
    late = IncomingScan.objects.select_related("agent", "unit").get(pk=scan.pk)
    with pytest.raises(policies.InOtherHands):
        services.describe_and_take_in(late, by=people[1])
    client = client_of(people[0])
    values = {
        "sender_name": "王先生",
        "sender_number": "0571-88888888",
        "letter_date": "2026-11-20",
        "post_number": "XA123456789CN",
    }
    answer = client.post(reverse("scan-take-in", args=[scan.pk]), values)
    contact = Contact.objects.get()
    assert answer.headers["Location"] == f"{reverse('intake')}?contact={contact.number}"
    assert (contact.channel, contact.caller_name, contact.outcome) == ("letter", "王先生", "open")
    assert "2026-11-20" in contact.content
    assert "XA123456789CN" in contact.content
    assert Attachment.objects.of("contact", contact.pk).get().context["scan"] == scan.pk
    assert reverse("scan-of-contact", args=[contact.number]) in client.get(answer.headers["Location"]).content.decode()
    beside = client.get(reverse("scan-of-contact", args=[contact.number])).content.decode()
    assert reverse("scan-page", args=[scan.pk, 3]) in beside
    with pytest.raises(policies.ScanNotInThatState):
        services.release_scan(IncomingScan.objects.get(pk=scan.pk), by=people[0])


def test_a_letter_of_tomorrow_is_refused(people, cast: Cast, time_machine) -> None:
    scan = upload(fax(), unit=cast.call_centre)
    services.claim_scan(scan, by=people[0])
    with pytest.raises(InvalidInput), transaction.atomic():
        services.describe_and_take_in(scan, letter_date=clock.today().replace(year=2099), by=people[0])
    assert not Contact.objects.exists()


def test_who_may_and_in_which_state(people, cast: Cast) -> None:
    scan = upload(fax(), unit=cast.call_centre)
    with pytest.raises(NotPermitted):
        services.claim_scan(scan, by=cast.visitor)
    with pytest.raises(OutsideYourScope):
        services.claim_scan(scan, by=User.objects.get(pk=cast.outsider.pk))
    with pytest.raises(policies.ScanNotInThatState):
        services.describe_and_take_in(scan, by=people[0])
    with pytest.raises(InvalidInput), transaction.atomic():
        services.set_scan_aside(scan, reason=" ", by=people[0])
    services.set_scan_aside(scan, reason="广告", by=people[0])
    services.bring_scan_back(scan, by=people[1])
    assert IncomingScan.objects.get().state == ScanState.WAITING
    with pytest.raises(NotPermitted):
        services.save_scan_source(
            None, name="x", folder="x", channel="fax", unit=cast.call_centre, is_active=True, by=people[0]
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_people_one_gets_it(people, cast: Cast) -> None:
    scan = upload(fax(), unit=cast.call_centre)
    start, ended = threading.Barrier(2), []

    def claim(person: User) -> None:
        mine = IncomingScan.objects.select_related("agent", "unit").get(pk=scan.pk)
        start.wait()
        try:
            services.claim_scan(mine, by=person)
            ended.append("claimed")
        except SomebodyWasFaster:
            ended.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["claimed", "late"]


def test_the_pages(people, cast: Cast, client_of, django_assert_max_num_queries) -> None:
    client = client_of(people[0])
    scan = upload(fax(), "来信.tif", unit=cast.call_centre)
    client.get(reverse("scan-list"))
    with django_assert_max_num_queries(3):
        assert "来信.tif" in client.get(reverse("scan-list")).content.decode()
    assert "来信.tif" in client.get(reverse("scan-detail", args=[scan.pk])).content.decode()
    client.post(reverse("scan-act", args=[scan.pk, "claim"]))
    client.post(reverse("scan-act", args=[scan.pk, "set-aside"]), {"reason": "广告"})
    assert "来信.tif" not in client.get(reverse("scan-list")).content.decode()
    assert "来信.tif" in client.get(reverse("scan-list-all") + "?state=set_aside").content.decode()
    answer = client.post(reverse("scan-upload"), {"channel": "letter", "file": SimpleUploadedFile("信.jpg", jpeg())})
    made = IncomingScan.objects.get(name="信.jpg")
    assert answer.headers["Location"] == reverse("scan-detail", args=[made.pk])
    assert made.unit == people[0].unit


def test_folders_are_arranged_by_who_may(cast: Cast, client_of, tmp_path: Path) -> None:
    role = Role.objects.create(code="mail_room", name="收发室", permissions=["scan.manage"], data_scope="all")
    RoleGrant.objects.create(user=cast.supervisor, role=role, unit=cast.supervisor.unit)
    client = client_of(User.objects.get(pk=cast.supervisor.pk))
    values = {
        "name": "扫描仪",
        "folder": "letters",
        "channel": "letter",
        "unit": cast.call_centre.pk,
        "is_active": "on",
    }
    assert client.post(reverse("scan-source-create"), values | {"folder": "../etc"}).status_code == 422
    assert client.post(reverse("scan-source-create"), values).status_code == 302
    assert (tmp_path / "scans" / "letters").is_dir()
    source = ScanSource.objects.get()
    client.post(reverse("scan-source-change", args=[source.pk]), values | {"name": "扫描仪二"})
    assert "扫描仪二" in client.get(reverse("scan-source-list")).content.decode()


def mail_of_fax(mark: str, unit, **more) -> IncomingMail:
    """A mail of a fax server that has been read."""
    mailbox, _made = Mailbox.objects.get_or_create(
        purpose="fax",
        defaults={
            "name": "传真邮箱", "address": "fax@onepoint.example", "host": "x", "username": "x", "unit": unit,
            "created_at": clock.now(),
        },
    )  # fmt: skip
    mail = IncomingMail.objects.create(
        mailbox=mailbox, fingerprint=mark, subject=f"Fax {mark}", sender="fax@x.example", received_at=clock.now(),
        audience=[f"U{unit.pk}", f"R{unit.region_id}"], **more,
    )  # fmt: skip
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "fax@x.example", f"Fax {mark}"
    letter.add_attachment(fax(), maintype="image", subtype="tiff", filename="fax.tif")
    mails.take_in_scans(mail, read_mail(letter.as_bytes()))
    return mail


def test_a_mail_leads_to_its_fax_and_the_fax_to_every_mail_it_came_by(cast: Cast, people, client_of) -> None:
    first, second = mail_of_fax("1", cast.call_centre), mail_of_fax("2", cast.call_centre)
    (scan,) = IncomingScan.objects.all()
    assert list(scan.mails.order_by("pk")) == [first, second]
    client = client_of(people[0])
    for mail in (first, second):
        assert f'href="/scans/{scan.pk}/"' in client.get(f"/mails/{mail.pk}/").content.decode()
    page = client.get(f"/scans/{scan.pk}/").content.decode()
    assert f'href="/mails/{first.pk}/"' in page
    assert f'href="/mails/{second.pk}/"' in page


def test_the_way_between_mail_and_fax_is_not_shown_where_it_would_lead_nowhere(cast: Cast, people, client_of) -> None:
    mail = mail_of_fax("1", cast.call_centre)
    scan = IncomingScan.objects.get()
    IncomingMail.objects.update(audience=[])
    assert f"/mails/{mail.pk}/" not in client_of(people[0]).get(f"/scans/{scan.pk}/").content.decode()
    IncomingMail.objects.update(audience=[f"R{cast.east.pk}"])
    IncomingScan.objects.update(audience=[])
    page = client_of(people[0]).get(f"/mails/{mail.pk}/").content.decode()
    assert f"/scans/{scan.pk}/" not in page
