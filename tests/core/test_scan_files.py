"""Files go past the virus scanner before they are kept: clamd's INSTREAM spoken to a peer that speaks it."""

import socket
import struct
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from onepoint.core import attachments, scanning, staging
from onepoint.core.models import Attachment, StagedFile

VIRUS = b"X5O!P%@AP[4" + b"\\PZX54(P^)7CC)7}$EICAR-STANDARD" + b"-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Takes INSTREAM as clamd does: pieces with their length before them until one of length 0."""

    def __init__(self, *, largest: int = 1 << 20, falls_silent: bool = False) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.largest, self.falls_silent = largest, falls_silent
        self.seen: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _peer = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                self._answer(connection, stream)

    def _answer(self, connection: socket.socket, stream: Any) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        assert command == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!L", stream.read(4))[0]:
            content += stream.read(length)
            if len(content) > self.largest:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen.append(content)
        if self.falls_silent:
            return
        connection.sendall(b"stream: Eicar-Signature FOUND\0" if VIRUS in content else b"stream: OK\0")

    def close(self) -> None:
        self.listener.close()


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Path) -> None:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages


@pytest.fixture
def clamd(settings: Any) -> Any:
    peers: list[Clamd] = []

    def start(**options: Any) -> Clamd:
        peer = Clamd(**options)
        peers.append(peer)
        settings.SCANNER = peer.address
        return peer

    yield start
    for peer in peers:
        peer.close()


def upload(content: bytes = b"hello", name: str = "a.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def keep(content: bytes = b"hello") -> Attachment:
    return attachments.store_file(upload(content), subject_type="ticket", subject_id=1, by=None)


def test_a_clean_file_is_sent_whole_and_kept(db: None, clamd: Any) -> None:
    peer = clamd()
    content = b"abc" * 300_000
    kept = keep(content)
    assert peer.seen == [content]
    assert kept.context == {}
    with attachments.open_file(kept) as stored:
        assert stored.read() == content


def test_an_infected_file_is_refused_whichever_way_it_comes(db: None, clamd: Any, cast: Any) -> None:
    clamd()
    for way in (
        lambda: keep(b"see: " + VIRUS),
        lambda: staging.stage_file(upload(VIRUS), by=cast.agent),
        lambda: attachments.store_received(VIRUS, "a.txt", subject_type="contact", subject_id=1),
    ):
        with pytest.raises(scanning.FileInfected) as refusal:
            way()
        assert "Eicar-Signature" in str(refusal.value.errors["file"])
    assert not Attachment.objects.exists()
    assert not StagedFile.objects.exists()


def test_a_scanner_that_does_not_answer_marks_the_file_or_refuses_it(db: None, clamd: Any, settings: Any) -> None:
    clamd(falls_silent=True)
    assert keep().context == {"not_scanned": True}
    settings.SCANNER = "tcp://127.0.0.1:9"
    assert keep().context == {"not_scanned": True}
    settings.SCANNER_REQUIRED = True
    with pytest.raises(scanning.ScannerDown):
        keep()


def test_a_file_the_scanner_finds_too_large_has_no_verdict(db: None, clamd: Any) -> None:
    clamd(largest=10)
    assert keep(b"longer than ten bytes").context == {"not_scanned": True}


def test_without_a_scanner_nothing_is_said_of_it_and_another_one_can_be_registered(db: None) -> None:
    assert keep().context == {}

    def finds_all(pieces: Any) -> str:
        return "Everything" if b"".join(pieces) else ""

    scanning.register_scanner(finds_all)
    try:
        with pytest.raises(scanning.FileInfected):
            keep()
    finally:
        scanning.forget_scanner(finds_all)


def test_what_customers_send_is_kept_whatever_it_is_but_no_programs(db: None) -> None:
    kept = attachments.store_received(b"Rar!....", "照片.rar", subject_type="contact", subject_id=1)
    assert (kept.name, kept.content_type, attachments.is_previewed(kept)) == (
        "照片.rar", "application/octet-stream", False
    )  # fmt: skip
    page = attachments.store_received(b"<script>alert(1)</script>", "x.html", subject_type="contact", subject_id=1)
    assert page.content_type == "application/octet-stream"
    for content, name in ((b"MZ\x90", "a.txt"), (b"start calc", "run.bat"), (b"", "leer.pdf")):
        with pytest.raises(attachments.FileNotAccepted):
            attachments.store_received(content, name, subject_type="contact", subject_id=1)
