"""``./onepoint audit``: what the product is made of, under which licences, and what is known to be wrong with it.

Parts and licences are read from the lock files and from what is installed: no network is needed. Known weaknesses are
asked of the registries' own auditors (pip-audit, npm audit) where the machine may reach them.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from onepoint.config.build import FRONTEND, BuildError, node_program, npm_script
from onepoint.config.data_folder import PROJECT_ROOT

RUN_LOCK = PROJECT_ROOT / "requirements" / "run.txt"
NPM_LOCK = FRONTEND / "package-lock.json"
_SECONDS = 300

#: Licences a part that is delivered may have; LGPL and MPL parts are used unmodified and can be replaced.
ALLOWED = frozenset(
    "MIT MIT-0 MIT-CMU BSD BSD-2-Clause BSD-3-Clause 0BSD Apache-2.0 ISC PSF-2.0 Python-2.0 CNRI-Python Zlib Unlicense CC0-1.0 "
    "CC-BY-4.0 OFL-1.1 BlueOak-1.0.0 MPL-2.0 LGPL-3.0-only LGPL-3.0-or-later".split()
)
_CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
}
#: Where the metadata is wrong or silent, with what the licence file in the package says.
_READ_BY_HAND = {
    "bpmn-js": "bpmn.io",  # MIT with one condition: the mark of bpmn.io stays visible on diagrams
    "diagram-js": "MIT",
    "dmn-js-shared": "bpmn.io",
    "dmn-js-decision-table": "bpmn.io",
    "dmn-font": "OFL-1.1",
    "component-props": "MIT",
}
#: Conditions that were read and are kept.
KEPT_CONDITIONS = frozenset({"bpmn.io"})


@dataclass(frozen=True)
class Part:
    """One package the product is delivered with; ``licence`` as SPDX writes it, empty where nobody says."""

    ecosystem: str  # "pypi" or "npm", as package URLs call them
    name: str
    version: str
    licence: str
    digests: tuple[str, ...] = ()

    @property
    def purl(self) -> str:
        name = self.name.replace("@", "%40") if self.ecosystem == "npm" else re.sub(r"[-_.]+", "-", self.name).lower()
        return f"pkg:{self.ecosystem}/{name}@{self.version}"


def parts() -> list[Part]:
    """Everything that is delivered: Python packages and those of the browser; tools of developers are not."""
    return sorted([*_python_parts(), *_browser_parts()], key=lambda part: (part.ecosystem, part.name.lower()))


def _python_parts() -> Iterator[Part]:
    for block in re.split(r"\n(?=\S)", RUN_LOCK.read_text()):
        if found := re.match(r"([\w.-]+)==([\w.!+-]+)", block):
            name, version = found.groups()
            digests = tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", block)))
            yield Part("pypi", name, version, _python_licence(name), digests)


def _python_licence(name: str) -> str:
    try:
        metadata: Any = distribution(name).metadata  # a message: fields are got by name
    except PackageNotFoundError:  # of another platform
        return ""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classified = [
        _CLASSIFIERS[label]
        for classifier in metadata.get_all("Classifier") or []
        if classifier.startswith("License") and (label := classifier.rpartition(" :: ")[2]) in _CLASSIFIERS
    ]
    written = str(metadata.get("License") or "").strip()
    return " OR ".join(dict.fromkeys(classified)) or (written if len(written) < 40 else "")


def _browser_parts() -> Iterator[Part]:
    for place, facts in json.loads(NPM_LOCK.read_text())["packages"].items():
        if place and not facts.get("dev") and not facts.get("optional"):
            name = place.rpartition("node_modules/")[2]
            yield Part("npm", name, facts["version"], _READ_BY_HAND.get(name) or _npm_licence(place, facts))


def _npm_licence(place: str, facts: dict[str, Any]) -> str:
    said = facts.get("license")
    manifest = FRONTEND / place / "package.json"
    if said is None and manifest.exists():
        said = json.loads(manifest.read_text()).get("license")
    return said if isinstance(said, str) else ""


def is_allowed(licence: str) -> bool:
    """Whether a licence lets the product be delivered: one of those joined by OR, all of those joined by AND."""
    plain = licence.strip().strip("()")
    if licence in KEPT_CONDITIONS:
        return True
    return any(all(name.strip(" ()") in ALLOWED for name in choice.split(" AND ")) for choice in plain.split(" OR "))


def installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def licence_faults() -> list[str]:
    """Parts whose licence is unknown or not among those allowed; parts of other platforms cannot be read here."""
    return [
        f"{part.ecosystem} {part.name} {part.version}: {part.licence or 'nobody says under which licence'}"
        for part in parts()
        if not is_allowed(part.licence) and (part.ecosystem == "npm" or installed(part.name))
    ]


def bill_of_materials() -> dict[str, Any]:
    """The parts as a CycloneDX document (1.6), for whoever keeps an inventory of software."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "onepoint", "licenses": [{"expression": "Apache-2.0"}]}
        },
        "components": [_component(part) for part in parts()],
    }


def _component(part: Part) -> dict[str, Any]:
    named = {"license": {"name": part.licence or "unknown"}}
    is_expression = all(word in ALLOWED or word in ("OR", "AND") for word in part.licence.split()) and part.licence
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [{"expression": part.licence} if is_expression and part.licence != "BSD" else named],
        # A package has a file for each platform: the lock knows the digest of every one.
        "properties": [{"name": "onepoint:sha256", "value": digest} for digest in part.digests],
    }


def _ask(name: str, command: list[str], folder: Path) -> int:
    """Run an auditor; gives its exit code, or 2 where it could not ask."""
    print(f"— {name}", flush=True)
    try:
        return subprocess.run(command, cwd=folder, timeout=_SECONDS, check=False).returncode
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"could not ask: {problem}")
        return 2


def ask_auditors() -> int:
    """Ask what is known to be wrong with the parts; 0 where nothing is."""
    python = [sys.executable, "-m", "uv", "tool", "run", "pip-audit", "--disable-pip", "--require-hashes"]
    python.append("--strict")  # a package nobody could be asked about is no clean one
    codes = [_ask("pip-audit", [*python, "-r", str(RUN_LOCK)], PROJECT_ROOT)]
    try:
        npm = [str(node_program()), str(npm_script()), "audit", "--omit=dev", "--package-lock-only"]
    except BuildError as problem:
        print(problem)
        return 2
    return max(*codes, _ask("npm audit", npm, FRONTEND))


def audit(*, bill: Path | None, offline: bool) -> int:
    """What ``./onepoint audit`` does; the exit code is not 0 where something is wrong or could not be asked."""
    faults = licence_faults()
    print(f"{len(parts())} parts; {len(faults)} with a licence that is unknown or not allowed")
    for fault in faults:
        print(f"  {fault}")
    if bill:
        bill.write_text(json.dumps(bill_of_materials(), indent=1, ensure_ascii=False) + "\n")
        print(f"bill of materials written to {bill}")
    return max(1 if faults else 0, 0 if offline else ask_auditors())
