"""Files of every kind and name, and torn multipart bodies, at every address that is posted to: refused or kept, never a failure.

What is kept is given out again as a download that no browser runs (reliability X2, X5).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client

from access.house import House
from access.test_stand_hostile_input import faults_of, pages
from access.test_walk_every_operation import OPERATIONS, UPLOAD, paths
from onepoint.core.models import Attachment

BOUNDARY = "----cut"
_GIF = b"GIF89a/*\1\0\1\0\x80\0\0*/=1;alert(1)//"
_PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)


def archive(*names: str, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as written:
        for name in names:
            written.writestr(name, b"\0" * 100_000)
    return made.getvalue()


_ZIP = archive("../../etc/cron.d/x", "xl/workbook.xml")
CONTENTS: dict[str, list[bytes]] = {
    "txt": [b"a", b"", b"\xff\xfe\x00a", b"\0", b"<script>alert(1)</script>"],
    "csv": ["姓名,电话\n王,1\n".encode("utf-16"), b"a,b\n\xed\xa0\x80,1", b"a" * 300_000, b"," * 100_000, b'"' * 5001, b"a\0,b\n", "姓名\n".encode() + b"\xff\xff",
            b"name,phone\n=cmd|'/c calc'!A0,1\n"],
    "xlsx": [_ZIP, _ZIP[:200], _ZIP[:60] + b"\xff" * 60 + _ZIP[120:], archive("a", packing=zipfile.ZIP_BZIP2), b"PK\3\4", b"PK\5\6" + b"\0" * 18],
    "zip": [_ZIP, b"PK\3\4" + b"\xff" * 300],
    "gif": [_GIF, b"GIF89a"], "png": [_PNG, _PNG + _ZIP], "jpg": [b"\xff\xd8\xff\xe1\xff\xffExif\0\0", b"\xff\xd8\xff\xe0"],
    "tif": [b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"], "webp": [b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 20],
    "pdf": [b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF", b"%PDF-"], "svg": [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"],
    "html": [b"<script>alert(1)</script>"], "docx": [_ZIP], "odt": [_ZIP], "eml": [b"From: a\n\n\xff\xfe"], "gz": [b"\x1f\x8b" + zlib.compress(b"\0" * 9999)],
    "bpmn": [b"", b"\0", b"<", b"\xff\xfe<", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" * 3000, "<定义/>".encode("gb18030"), b"<definitions/>",
             b'<?xml version="1.0" encoding="utf-7"?><definitions/>'],
    "dmn": [b"", b"<definitions/>", b"<a>" * 3000], "exe": [b"MZ" + b"\0" * 100],
}  # fmt: skip
NAMES = (
    "a.{}", "", ".", "...", ".{}", "con.{}", "aux", "NUL.{}", "x\u202etxt.{}", "x\u200b\u2066.{}", "\ufeff.{}", "\U00020bb7𠮷𠮷.{}", "王" * 120 + ".{}",
    "e\u0301" * 200 + ".{}", "a" * 3000 + ".{}", "../../../etc/passwd.{}", "..\\..\\x.{}", "/abs.{}", "C:\\x.{}", "a\0b.{}", "a.{}\0.png", "a%00.{}", "a%0d%0aX-Evil: 1.{}",
    "a\\\".{}", "a';x=\\\"y.{}", "a; filename=b.exe; x=.{}", "=cmd|x.{}", "<img src=x onerror=alert(1)>.{}", "{{{{7*7}}}}%s.{}", "a\x85b\u2028.{}", "a.{} ", "a.{}.", "a\t.{}",
)  # fmt: skip
TYPES = (
    "application/octet-stream",
    "text/html",
    "image/svg+xml",
    "image/png",
    "",
    "x" * 300,
    "text/html; charset=hex",
    "a/b\tc",
)
FIELDS = ("files", "file", "attachments", "upload", "table")


def part(field: str, name: str, content: bytes, kind: str = "text/plain", more: str = "") -> bytes:
    head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: {kind}\r\n{more}\r\n'
    return f"--{BOUNDARY}\r\n".encode() + head.encode("utf-8", "surrogatepass") + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def post(client: Client, url: str, sent: bytes, kind: str = f"multipart/form-data; boundary={BOUNDARY}") -> Any:
    with transaction.atomic():
        answer = client.generic("POST", url, sent, content_type=kind)
        transaction.set_rollback(True)
    return answer


def sent_at(turn: int) -> bytes:
    """Another body at every turn: each name, each content and each type comes many times."""
    pairs = [(kind, content) for kind, contents in CONTENTS.items() for content in contents]
    kind, content = pairs[turn % len(pairs)]
    name = NAMES[turn * 5 % len(NAMES)].format(kind)
    return body(*(part(field, name, content, TYPES[turn % len(TYPES)]) for field in FIELDS))


def test_no_address_fails_whatever_files_are_sent_to_it(house: House, client_of: Callable[..., Client]) -> None:
    client = client_of(house.cast.admin)
    client.raise_request_exception = False
    faults = [
        fault
        for turn, (name, url) in enumerate(pages(house))
        for fault in faults_of(post(client, url, sent_at(turn)), f"{name} {sent_at(turn)[:200]!r}")
    ]
    assert faults == []


def torn() -> list[tuple[bytes, str]]:
    plain = f"multipart/form-data; boundary={BOUNDARY}"
    one = part("files", "a.txt", b"a")
    return [
        (body(one), "multipart/form-data"), (body(one), "multipart/form-data; boundary="), (body(one), "multipart/form-data; boundary=" + "x" * 300),
        (body(one), "multipart/form-data; boundary=\u738b"),
         (one, plain), (one[:40], plain), (b"", plain), (b"\0" * 5000, plain),
        (body(*[part("files", f"{number}.txt", b"a") for number in range(2000)]), plain),
        (body(*[f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a{number}"\r\n\r\n1\r\n'.encode() for number in range(10_000)]), plain),
        (body(part("files", "a.txt", b"!!!!a", more="Content-Transfer-Encoding: base64\r\n")), plain),
        (body(part("files", "a.txt", b"a", more="X: " + "y" * 100_000 + "\r\n")), plain), (body(part("files", "a.txt", b"a", more="X: y\r\n" * 5000)), plain),
        (body(f"--{BOUNDARY}\r\nContent-Disposition: form-data; name*=hex''zz; filename*=rot13''a.txt\r\n\r\na\r\n".encode()), plain),
        (body(f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=files; filename*=utf-8''%ff%00.txt\r\n\r\na\r\n".encode()), plain),
        (body(f"--{BOUNDARY}\r\n\r\na\r\n".encode(), one), plain), (body(b"--" + BOUNDARY.encode() + b"\r\n" + b"\xff" * 300 + b"\r\n\r\n", one), plain),
    ]  # fmt: skip


def test_torn_bodies_are_refused(house: House, client_of: Callable[..., Client], api_of: Callable[..., Client]) -> None:
    faults = []
    client, machine = client_of(house.cast.admin), api_of(house.cast.admin)
    client.raise_request_exception = machine.raise_request_exception = False
    uploads = [next(paths(house, name, entry))[1] for name, entry in OPERATIONS.items() if entry.body is UPLOAD]
    forms = (
        f"/tickets/{house.east.ticket.number}/files/",
        "/customers/imports/",
        "/scans/upload/",
        "/processes/deploy/",
    )
    addresses = [(client, url) for url in forms] + [(machine, url) for url in uploads]
    addresses += [(Client(raise_request_exception=False), "/portal/new/"), (client, "/accounts/login/")]
    for sender, url in addresses:
        for sent, kind in torn():
            faults += faults_of(post(sender, url, sent, kind), f"{url} {kind[:60]} {sent[:80]!r}")
    assert uploads
    assert faults == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_given_out_as_a_download(
    house: House, client_of: Callable[..., Client], api_of: Callable[..., Client], name: str
) -> None:
    client = client_of(house.cast.agent)
    client.raise_request_exception = False
    url = f"/tickets/{house.east.ticket.number}/files/"
    for kind in ("txt", "gif", "png", "zip", "pdf"):
        sent = body(part("files", name.format(kind), CONTENTS[kind][0], "text/html"))
        answer = client.generic("POST", url, sent, content_type=f"multipart/form-data; boundary={BOUNDARY}")
        assert answer.status_code < 500
    stored = {path.name for path in Path(default_storage.path("")).rglob("*") if path.is_file()}
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in stored)
    for file in Attachment.objects.filter(subject_type="ticket", subject_id=house.east.ticket.pk):
        for query in ("", "?inline=1"):
            given = client.get(f"{url}{file.pk}/{query}")
            assert given.status_code == 200
            assert given.headers["X-Content-Type-Options"] == "nosniff"
            assert "script-src" not in given.headers["Content-Security-Policy"]
            assert not re.search(r"[\r\n\x00]", given.headers["Content-Disposition"])
            assert (
                not query
                or given.headers["Content-Type"] in ("application/pdf", "image/gif", "image/png")
                or given.headers["Content-Disposition"].startswith("attachment")
            )
            assert given.headers["Content-Type"].partition(";")[0] not in ("text/html", "image/svg+xml")
            if not query:
                assert given.headers["Content-Disposition"].startswith("attachment")
