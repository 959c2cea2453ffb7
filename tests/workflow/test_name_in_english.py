"""Names on the canvas in the reader's language: what an English reader sees, and what a new name changes."""

import json
import subprocess

import pytest

from onepoint.config.build import FRONTEND, node_folder

NAMES = FRONTEND / "src" / "islands" / "process_names.js"
ASK = """
const { renamedInEnglish, shownName } = await import(process.argv[1]);
const [verb, given, told] = JSON.parse(process.argv[2]);
process.stdout.write(JSON.stringify(verb === "show" ? shownName(given, told) : renamedInEnglish(given, told)));
"""


def ask(*question: object) -> object:
    node = node_folder() / "bin" / "node"
    command = [node, "--input-type=module", "--eval", ASK, NAMES.as_uri(), json.dumps(question)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def drawn(name: str | None, english: str = "", prefix: str = "op") -> dict:
    return {"name": name, "$attrs": {f"{prefix}:nameEn": english} if english else {}}


@pytest.mark.parametrize(
    ("thing", "in_english", "shown"),
    [
        (drawn("工单协调", "Coordinate"), True, "Coordinate"),
        (drawn("工单协调", "Coordinate"), False, "工单协调"),
        (drawn("工单协调", "Coordinate", prefix="house"), True, "Coordinate"),
        (drawn("工单协调"), True, "工单协调"),
        (drawn(None), True, ""),
    ],
)
def test_a_name_is_shown_in_the_readers_language(thing: dict, in_english: bool, shown: str) -> None:
    assert ask("show", thing, in_english) == shown


@pytest.mark.parametrize(
    ("thing", "text", "change"),
    [
        (drawn("工单协调", "Coordinate"), "Decide", {"nameEn": "Decide"}),
        (drawn("工单协调", "Coordinate"), "", {"nameEn": ""}),
        (drawn("工单协调"), "Coordinate", {"nameEn": "Coordinate"}),
        (drawn("工单协调", "Coordinate"), "工单协调", {"nameEn": ""}),
        (drawn("Chek"), "Check", {"name": "Check"}),
        ({"$attrs": {}}, "Check", {"name": "Check"}),
    ],
)
def test_a_chinese_name_outlives_a_new_english_one(thing: dict, text: str, change: dict) -> None:
    assert ask("rename", thing, text) == change
