"""Attachments: kept under their content, checked, versioned, deleted softly, always behind the ticket's visibility."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cast import Cast
from onepoint.core.attachments import FileNotAccepted, clean_name
from onepoint.core.models import Attachment, AuditEntry
from onepoint.tickets import policies, queries, services
from tickets.conftest import do, fresh

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6300010000050001"
)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def upload(name: str = "账单.txt", content: bytes = "多扣两百元".encode()) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def docx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return packed.getvalue()


def test_a_file_is_kept_under_its_content_and_journaled(cast: Cast, ticket) -> None:
    attachment = services.add_attachment(ticket, upload(), by=fresh(cast.agent))
    sha256 = hashlib.sha256("多扣两百元".encode()).hexdigest()
    assert (attachment.name, attachment.version, attachment.sha256) == ("账单.txt", 1, sha256)
    assert Path(default_storage.path(f"{sha256[:2]}/{sha256}")).read_bytes() == "多扣两百元".encode()
    assert AuditEntry.objects.get(verb="ticket.attachment_added").data["name"] == "账单.txt"


def test_the_same_content_is_stored_once(cast: Cast, ticket) -> None:
    services.add_attachment(ticket, upload(), by=fresh(cast.agent))
    services.add_attachment(ticket, upload("另一个.txt"), by=fresh(cast.agent))
    stored = [path for path in Path(default_storage.path("")).rglob("*") if path.is_file()]
    assert len(stored) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("照片.png", PNG), ("单据.pdf", PDF), ("报告.docx", docx()), ("资料.zip", docx()), ("旧.doc", bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600),
        ("记录.txt", "中文".encode("gb18030")), ("表.csv", b"a,b\n1,2\n"), ("长.txt", "超过一次读取的中文".encode() * 2000),
    ],
)  # fmt: skip
def test_what_people_send_is_accepted(cast: Cast, ticket, name: str, content: bytes) -> None:
    assert services.add_attachment(ticket, upload(name, content), by=fresh(cast.agent)).name == name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.txt", b""), ("页.html", b"<script>"), ("图.svg", b"<svg/>"), ("程序.exe", b"MZ"), ("无后缀", b"x"),
        ("假.png", b"<html><script>alert(1)</script>"), ("假.pdf", PNG), ("假.txt", b"\x00\x01binary"), ("假.docx", b"text only"),
    ],
)  # fmt: skip
def test_what_is_empty_dangerous_or_not_what_it_says_is_refused(cast: Cast, ticket, name: str, content: bytes) -> None:
    with pytest.raises(FileNotAccepted):
        services.add_attachment(ticket, upload(name, content), by=fresh(cast.agent))
    assert not Attachment.objects.exists()
    root = Path(default_storage.path(""))
    assert not root.exists() or not list(root.rglob("*"))


def test_a_file_over_the_limit_is_refused(cast: Cast, ticket, settings) -> None:
    settings.MAX_UPLOAD_BYTES = 10
    with pytest.raises(FileNotAccepted):
        services.add_attachment(ticket, upload(content=b"01234567890"), by=fresh(cast.agent))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\账单.pdf", "账单.pdf"),
        ("invoice\u202efdp.exe.txt", "invoicefdp.exe.txt"),
        ('a"b<c>\r\n.txt', "abc.txt"),
    ],
)
def test_names_are_made_harmless(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_new_version_keeps_the_former_one_readable(cast: Cast, ticket, client_of) -> None:
    first = services.add_attachment(ticket, upload(), by=fresh(cast.agent))
    second = services.replace_attachment(ticket, first, upload("账单新.txt", b"new"), by=fresh(cast.agent))
    third = services.replace_attachment(ticket, first, upload("账单再新.txt", b"newer"), by=fresh(cast.agent))
    assert (second.version, third.version, third.series) == (2, 3, first.series)
    (current,) = queries.files_of(ticket)
    assert current == third
    assert current.earlier == [second, first]
    url = reverse("ticket-file", args=[ticket.number, first.pk])
    assert b"".join(client_of(cast.coordinator).get(url).streaming_content) == "多扣两百元".encode()


def test_who_neither_holds_a_step_nor_edits_tickets_adds_nothing(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    with pytest.raises(policies.NotAtYourStep):
        services.add_attachment(ticket, upload(), by=fresh(cast.interface_person))
    do(ticket, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    added = services.add_attachment(ticket, upload(), by=fresh(cast.handler))
    assert added.context["step"] == "处理"


def test_only_the_uploader_deletes_and_only_while_the_step_goes_on(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    do(ticket, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    early = services.add_attachment(ticket, upload(), by=fresh(cast.handler))
    kept = services.add_attachment(ticket, upload("保留.txt"), by=fresh(cast.handler))
    with pytest.raises(policies.NotYourFile):
        services.delete_attachment(ticket, early, by=fresh(cast.coordinator))
    services.delete_attachment(ticket, early, by=fresh(cast.handler))
    assert queries.files_of(ticket) == [kept]
    assert AuditEntry.objects.filter(verb="ticket.attachment_deleted").count() == 1
    do(ticket, "handle", cast.handler, "done", "已处理")
    with pytest.raises(policies.NotYourFile):
        services.delete_attachment(ticket, kept, by=fresh(cast.handler))


def test_a_finished_ticket_takes_no_files(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "finish", "已解决")
    ticket.refresh_from_db()
    with pytest.raises(policies.TicketFinished):
        services.add_attachment(ticket, upload(), by=fresh(cast.agent))


def test_the_page_adds_replaces_and_deletes(cast: Cast, ticket, client_of) -> None:
    client = client_of(cast.agent)
    client.post(reverse("ticket-file-add", args=[ticket.number]), {"files": [upload(), upload("b.txt", b"b")]})
    assert Attachment.objects.count() == 2
    refused = client.post(reverse("ticket-file-add", args=[ticket.number]), {"files": [upload("x.exe", b"MZ")]})
    assert refused.status_code == 422
    first = Attachment.objects.order_by("id")[0]
    client.post(reverse("ticket-file-replace", args=[ticket.number, first.pk]), {"files": upload("c.txt", b"c")})
    assert Attachment.objects.get(name="c.txt").version == 2
    client.post(reverse("ticket-file-delete", args=[ticket.number, first.pk]))
    assert Attachment.objects.get(pk=first.pk).deleted_at is not None
    assert client.get(reverse("ticket-file", args=[ticket.number, first.pk])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "shown"), [("图.png", PNG, True), ("单.pdf", PDF, True), ("文.txt", b"<script>", False)]
)
def test_only_harmless_kinds_are_shown_by_the_browser(
    cast: Cast, ticket, client_of, name: str, content: bytes, shown: bool
) -> None:
    attachment = services.add_attachment(ticket, upload(name, content), by=fresh(cast.agent))
    response = client_of(cast.agent).get(reverse("ticket-file", args=[ticket.number, attachment.pk]), {"inline": "1"})
    assert response.headers["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert ("sandbox" in response.headers["Content-Security-Policy"]) == (name != "单.pdf")


def test_a_file_is_reached_only_through_its_own_visible_ticket(cast: Cast, ticket, register, client_of) -> None:
    attachment = services.add_attachment(ticket, upload(), by=fresh(cast.agent))
    other = register(by=cast.outsider)
    assert client_of(cast.outsider).get(reverse("ticket-file", args=[ticket.number, attachment.pk])).status_code == 404
    assert client_of(cast.outsider).get(reverse("ticket-file", args=[other.number, attachment.pk])).status_code == 404


def test_a_file_whose_bytes_are_missing_is_told_of_in_words(cast: Cast, ticket, client_of) -> None:
    attachment = services.add_attachment(ticket, upload(content=b"only here"), by=fresh(cast.agent))
    default_storage.delete(attachment.storage_name)
    answer = client_of(cast.agent).get(reverse("ticket-file", args=[ticket.number, attachment.pk]))
    assert answer.status_code == 503
    assert "账单.txt" in answer.content.decode()
