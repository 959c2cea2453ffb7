"""What the Content-Security-Policy and a plain POST ask of every template."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "src" / "onepoint").glob("*/templates/**/*.html"))
REFUSED = {
    "inline script": re.compile(r"<script(?![^>]*\b(src=|type=\"application/json\"))", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son(click|change|submit|load|input|error|key\w+)\s*=", re.IGNORECASE),
    "code for htmx": re.compile(
        r"hx-on|hx-(vals|headers)=[\"']js:|hx-trigger=\"[^\"]*\b(click|change|key\w+|load)\[", re.IGNORECASE
    ),
    "address of a script": re.compile(r"=[\"']javascript:", re.IGNORECASE),
    "foreign host": re.compile(r"(src|href)=[\"']https?://", re.IGNORECASE),
}
FORM = re.compile(r"<form\b[^>]*\bmethod=\"post\"[^>]*>(.*?)</form>", re.IGNORECASE | re.DOTALL)


@pytest.mark.parametrize("fault", REFUSED)
def test_no_template_needs_what_the_policy_refuses(fault):
    guilty = [str(path.relative_to(ROOT)) for path in TEMPLATES if REFUSED[fault].search(path.read_text())]
    assert len(TEMPLATES) > 20
    assert guilty == []


#: Posted by whoever knows the secret address of a conversation: no cookie says who it is, so there is nothing to forge.
WITHOUT_COOKIE = {
    f"src/onepoint/channels/templates/channels/chat_{page}.html" for page in ("begin", "letter", "visitor")
}


def test_every_form_that_writes_carries_its_token():
    guilty = {
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        for body in FORM.findall(path.read_text())
        if "csrf_token" not in body
    }
    assert guilty == WITHOUT_COOKIE


def test_the_lock_file_of_the_front_end_names_no_registry():
    text = (ROOT / "frontend" / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert len(packages) > 10
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_packages_of_the_front_end_are_pinned():
    manifest = json.loads((ROOT / "frontend" / "package.json").read_text())
    versions = {**manifest["dependencies"], **manifest["devDependencies"]}
    assert {name: version for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == {}
    assert versions["htmx.org"].startswith("2.0.")
