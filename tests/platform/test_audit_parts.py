"""What the product is made of: every part has a licence that lets it be delivered, and the bill names them all."""

import re
from pathlib import Path

from onepoint.config import audit

ROOT = Path(__file__).resolve().parents[2]


def test_every_part_that_is_delivered_has_a_licence_that_allows_it() -> None:
    assert audit.licence_faults() == []


def test_licences_are_read_as_they_are_written() -> None:
    assert audit.is_allowed("MIT")
    assert audit.is_allowed("GPL-3.0-only OR MIT")
    assert audit.is_allowed("(Apache-2.0 AND BSD-2-Clause)")
    assert not audit.is_allowed("Apache-2.0 AND GPL-3.0-only")
    assert not audit.is_allowed("AGPL-3.0-only")
    assert not audit.is_allowed("")


def test_the_bill_of_materials_names_every_part_of_the_locks_with_its_version_and_digests() -> None:
    components = {one["purl"]: one for one in audit.bill_of_materials()["components"]}
    locked = re.findall(r"^([\w.-]+)==([\w.!+-]+)", audit.RUN_LOCK.read_text(), re.M)
    assert len(locked) > 40
    for name, version in locked:
        found = components[f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"]
        assert found["properties"], name
    assert any(purl.startswith("pkg:npm/htmx.org@") for purl in components)
    assert not any(purl.startswith("pkg:npm/vite@") for purl in components)


#: Shapes of secrets that have been found in repositories before.
SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bglpat-[A-Za-z0-9_-]{20}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{35}\b|\bsk_live_[0-9a-zA-Z]{24}|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"
)
#: Where somebody wrote a password into code instead of reading it from outside; examples say so themselves.
WRITTEN = re.compile(
    r"(?i)\b(?:secret_key|password|passwd|api_key|token)\s*=\s*[\"'](?!\s*[\"'])[^\"'{}<>%$ ]{12,}[\"']"
)
#: The one password the demo says everywhere.
EXAMPLES = {'PASSWORD = "Onepoint-2026"'}
FOLDERS = ("src", "frontend/src", "tools", "benchmarks", "docs", "requirements", "tests")


def test_no_secret_stands_in_the_tree() -> None:
    found = []
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if not path.is_file() or {"node_modules", "static_build", "__pycache__"} & set(path.parts):
                continue
            text = path.read_bytes().decode(errors="ignore")
            found += [f"{path.relative_to(ROOT)}: {hit[0][:20]}…" for hit in SECRETS.finditer(text)]
            if folder == "src":
                found += [
                    f"{path.relative_to(ROOT)}: {hit[0]}" for hit in WRITTEN.finditer(text) if hit[0] not in EXAMPLES
                ]
    assert found == []


#: Clients that would go round the guard of outgoing calls.
CLIENTS = re.compile(
    r"^\s*(?:import|from) (?:urllib\.request|urllib3|requests|httpx|aiohttp|ftplib|telnetlib|xmlrpc)\b"
    r"|\burlopen\(|create_connection\(|\bHTTPS?Connection\(|\bSMTP(?:_SSL)?\([\"'\w]+,|\bIMAP4(?:_SSL)?\(\s*[\"'\w]",
    re.M,
)
#: The guard itself, and what only ever speaks to this machine: the supervisor's look at its own web process, clamd.
MAY_CALL = {"core/outgoing_http.py", "core/scanning.py"}


def test_every_call_out_of_the_house_goes_through_the_guard() -> None:
    package = ROOT / "src" / "onepoint"
    found = {
        str(path.relative_to(package)): [hit[0].strip() for hit in CLIENTS.finditer(path.read_text())]
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0] != "config"
    }
    assert {name: hits for name, hits in found.items() if hits and name not in MAY_CALL} == {}
