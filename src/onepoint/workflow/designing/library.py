"""What a new process may begin from: two starters, and the delivered processes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import quoteattr

from defusedxml.ElementTree import fromstring
from django.utils.translation import get_language

HERE = Path(__file__).parent
STARTERS = HERE / "starters"
DELIVERED = HERE.parent / "delivered"
_PROCESS = "{http://www.omg.org/spec/BPMN/20100524/MODEL}process"
_NAME_EN = "{urn:onepoint:bpmn}nameEn"


@dataclass(frozen=True)
class Template:
    """One drawing to begin from; ``code`` is the name of its file."""

    code: str
    name: str
    name_en: str
    is_delivered: bool
    bpmn: str

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


def _read(path: Path, is_delivered: bool) -> Template:
    text = path.read_text(encoding="utf-8")
    process = fromstring(text).find(_PROCESS)
    assert process is not None, path
    return Template(path.stem, process.get("name", path.stem), process.get(_NAME_EN, ""), is_delivered, text)


@lru_cache(maxsize=1)
def templates() -> dict[str, Template]:
    """Every template by its code, the empty one first."""
    found = [_read(STARTERS / f"{name}.bpmn", False) for name in ("empty", "two_steps")]
    found += [_read(path, True) for path in sorted(DELIVERED.glob("*.bpmn"))]
    return {template.code: template for template in found}


def renamed(bpmn: str, key: str, name: str, name_en: str) -> str:
    """The drawing with another key and name for its first process; every other character stays as it was."""
    opening = re.search(r"<(?:[\w.-]+:)?process\b[^>]*>", bpmn)
    if opening is None:
        return bpmn
    tag = opening.group()
    old = re.search(r'\sid="([^"]*)"', tag)
    tag = _set_attribute(tag, "id", key)
    tag = _set_attribute(tag, "name", name)
    if "xmlns:op=" in bpmn:
        tag = _set_attribute(tag, "op:nameEn", name_en)
    bpmn = bpmn[: opening.start()] + tag + bpmn[opening.end() :]
    if old and old.group(1) != key:
        reference = re.compile(rf'\b(bpmnElement|processRef)="{re.escape(old.group(1))}"')
        bpmn = reference.sub(lambda found: f'{found.group(1)}="{key}"', bpmn)
    return bpmn


def _set_attribute(tag: str, attribute: str, value: str) -> str:
    written = f" {attribute}={quoteattr(value)}"
    present = re.compile(rf'\s{re.escape(attribute)}=("[^"]*"|\'[^\']*\')')
    if present.search(tag):
        return present.sub(lambda _found: written, tag, count=1)
    end = len(tag) - 2 if tag.endswith("/>") else len(tag) - 1
    return tag[:end].rstrip() + written + tag[end:]
