"""Short messages into a folder: whole files, one for each message, nowhere else."""

import json
from pathlib import Path
from typing import Any

import pytest

from onepoint.channels.providers.folder import PROVIDER
from onepoint.channels.providers.interface import FailedForNow, Letter


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def letter(number: str = "m-1", text: str = "验证码 123456") -> Letter:
    return Letter(id=number, number=1, address="+8613800138000", text=text)


def test_a_message_is_one_whole_file(data_dir: Path) -> None:
    PROVIDER.open({"folder": "sms"}, {}, lambda report: None).send(letter())
    (file,) = (data_dir / "sent" / "sms").iterdir()
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "id": "m-1", "to": "+8613800138000", "text": "验证码 123456",
    }  # fmt: skip


def test_the_same_message_again_is_the_same_file(data_dir: Path) -> None:
    session = PROVIDER.open({"folder": "sms"}, {}, lambda report: None)
    session.send(letter())
    session.send(letter())
    session.send(letter("m-2"))
    assert len(list((data_dir / "sent" / "sms").iterdir())) == 2


def test_nothing_is_written_outside_the_folder(data_dir: Path) -> None:
    PROVIDER.open({"folder": "sms"}, {}, lambda report: None).send(letter("../../../etc/passwd"))
    assert [path.parent for path in data_dir.rglob("*.json")] == [data_dir / "sent" / "sms"]
    for name in ("../x", "/tmp", "a/b", "", "A", ".", "x" * 41):
        assert PROVIDER.complain({"folder": name})
    assert PROVIDER.complain({"folder": "sms-2"}) == {}


def test_a_folder_that_cannot_be_written_is_tried_again(data_dir: Path) -> None:
    (data_dir / "sent").write_text("in the way")
    with pytest.raises(FailedForNow):
        PROVIDER.open({"folder": "sms"}, {}, lambda report: None).send(letter())
