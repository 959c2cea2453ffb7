"""The XML under a BPMN file: safe reading with line numbers, names and extensions, and the problems found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from onepoint.workflow.engine.graph import EMPTY_EXTENSION, Evaluate, Extension, ExtensionElement, Flow, Formula

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Extension namespaces under the prefixes by which extensions are known to readers of the graph.
PREFIXES = {
    "urn:onepoint:bpmn": "op",
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://activiti.org/bpmn": "flowable",
    "http://flowable.org/bpmn": "flowable",
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
}

MAX_DEPTH = 64
MAX_ELEMENTS = 50_000
DECLARED_ENCODING = re.compile(rb"\s*<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)[\"']")

Compile = Callable[[str], Evaluate]


class Problem(NamedTuple):
    """Why a file is refused; `element_type` is the BPMN element name, `line` counts from 1 (0: unknown)."""

    element_id: str
    element_type: str
    message: str
    line: int


class BpmnError(Exception):
    """A file was refused; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.element_type} {p.element_id}: {p.message}" for p in problems[:20]))
        self.problems = problems


class LineBuilder(TreeBuilder):
    """Builds the tree, remembers the line of each element, and stops at absurd depth or size."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Element, int] = {}
        self.depth = 0
        self.parser: Any = None

    def start(self, tag: Any, attrs: Any) -> Element:
        element = super().start(tag, attrs)
        line = self.parser.parser.CurrentLineNumber if self.parser is not None else 0
        self.depth += 1
        self.lines[element] = line
        if self.depth > MAX_DEPTH:
            raise BpmnError([Problem("", local_name(tag), f"elements are nested deeper than {MAX_DEPTH}", line)])
        if len(self.lines) > MAX_ELEMENTS:
            raise BpmnError([Problem("", local_name(tag), f"more than {MAX_ELEMENTS} elements", line)])
        return element

    def end(self, tag: Any) -> Element:
        self.depth -= 1
        return super().end(tag)


def read_xml(xml: bytes | str) -> tuple[Element, dict[Element, int]]:
    text = decode(xml) if isinstance(xml, bytes) else xml
    builder = LineBuilder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser
    try:
        parser.feed(text)
        root = parser.close()
    except DefusedXmlException as error:
        message = "document type and entity declarations are not accepted"
        raise BpmnError([Problem("", "xml", message, 0)]) from error
    except (ParseError, ValueError) as error:
        line = error.position[0] if isinstance(error, ParseError) else 0
        raise BpmnError([Problem("", "xml", f"not well-formed XML: {error}", line)]) from error
    return root, builder.lines


def decode(xml: bytes) -> bytes | str:
    """Text in an encoding the XML parser does not know (GB 2312, GBK, GB 18030 …) is decoded for it."""
    found = DECLARED_ENCODING.match(xml)
    name = found.group(1).decode("ascii").lower() if found else "utf-8"
    if name.startswith(("utf", "us-ascii", "iso-8859-1")):
        return xml
    try:
        return xml.decode(name)
    except (LookupError, UnicodeError) as error:
        raise BpmnError([Problem("", "xml", f"the text is not {name}: {error}", 1)]) from error


def local_name(tag: Any) -> str:
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def namespace_of(tag: str) -> str:
    return tag[1:].split("}", 1)[0] if tag.startswith("{") else ""


def is_bpmn(element: Element) -> bool:
    return isinstance(element.tag, str) and namespace_of(element.tag) == BPMN


def flag(value: str | None, default: bool = False) -> bool:
    return default if value is None else value.strip().lower() in ("true", "1")


def text_of(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def reference_of(value: str | None) -> str | None:
    """A QName reference without its prefix."""
    return value.strip().rsplit(":", 1)[-1] if value and value.strip() else None


def prefixed(tag: str) -> str:
    namespace = namespace_of(tag)
    prefix = PREFIXES.get(namespace)
    if prefix:
        return f"{prefix}:{local_name(tag)}"
    return tag if namespace else local_name(tag)


def is_dynamic(text: str) -> bool:
    return text.startswith("=") or "${" in text or "#{" in text


def extension_element(element: Element) -> ExtensionElement:
    return ExtensionElement(
        prefixed(element.tag),
        {prefixed(name): value for name, value in element.attrib.items()},
        text_of(element),
        tuple(extension_element(child) for child in element if isinstance(child.tag, str)),
    )


@dataclass
class Draft:
    """A node while its file is still being read."""

    element: Element
    id: str
    kind: str
    parent: str | None
    default: str | None = None
    flows_in: list[Flow] = field(default_factory=list)
    flows_out: list[Flow] = field(default_factory=list)


class SourceFile:
    """One file being read: its elements by id, the names its events refer to, and what is wrong with it."""

    def __init__(self, root: Element, lines: dict[Element, int], compile_expression: Compile) -> None:
        self.root = root
        self.lines = lines
        self.compile_expression = compile_expression
        self.problems: list[Problem] = []
        self.ids: dict[str, Element] = {}
        self.names: dict[str, dict[str, str | None]] = {"message": {}, "signal": {}, "error": {}, "escalation": {}}
        self.correlations: dict[str, str] = {}
        self._collect_ids()
        self._collect_names()

    def refuse(self, element: Element, message: str) -> None:
        self.problems.append(
            Problem(element.get("id", ""), local_name(element.tag), message, self.lines.get(element, 0))
        )

    def compile(self, text: str, element: Element) -> Formula | None:
        """Compile an expression; one leading = marks FEEL in files of other tools and is dropped."""
        source = text.strip()
        source = source[1:].strip() if source.startswith("=") and not source.startswith("==") else source
        try:
            return Formula(source, self.compile_expression(source))
        except Exception as error:  # the compiler is injected; whatever it raises is about this text
            self.refuse(element, f"expression {source!r} is not understood: {error}")
            return None

    def extension(self, element: Element) -> Extension:
        attributes = {
            prefixed(name): value
            for name, value in element.attrib.items()
            if name.startswith("{") and namespace_of(name) not in (BPMN, XSI)
        }
        found = element.find(f"{{{BPMN}}}extensionElements")
        elements = tuple(extension_element(child) for child in found) if found is not None else ()
        if not attributes and not elements:
            return EMPTY_EXTENSION
        return Extension(attributes, elements)

    def _collect_ids(self) -> None:
        for element in self.root.iter():
            if not is_bpmn(element):
                continue
            number = element.get("id")
            if number is None:
                continue
            if number in self.ids:
                self.refuse(element, f"the id {number} is used twice")
            self.ids[number] = element

    def _collect_names(self) -> None:
        for element in self.root:
            if not is_bpmn(element):
                continue
            kind, number = local_name(element.tag), element.get("id")
            if kind not in self.names or number is None:
                continue
            if kind in ("message", "signal"):
                self.names[kind][number] = element.get("name") or number
                self._collect_correlation(element, number)
            else:
                code = element.get(f"{kind}Code")
                self.names[kind][number] = code if code else None

    def _collect_correlation(self, element: Element, number: str) -> None:
        extension = self.extension(element)
        key = extension.attribute("op:correlationKey")
        for found in extension.find_elements("zeebe:subscription"):
            key = key or found.attributes.get("correlationKey")
        if key:
            self.correlations[number] = key
