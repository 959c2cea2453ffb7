"""Reads what activities say beside their kind: scripts, called processes, variables handed over, multi-instance."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from onepoint.workflow.engine.bpmn_file import BPMN, Draft, SourceFile, flag, is_dynamic, reference_of, text_of
from onepoint.workflow.engine.graph import Countersign, Extension, ExtensionElement, Formula, Mapped, MultiInstance

SCRIPT_FORMATS = {"", "feel", "application/feel", "text/feel"}


class ActivityReader:
    def __init__(self, file: SourceFile, script_formats: frozenset[str]) -> None:
        self.file = file
        self.script_formats = script_formats

    def read_script(self, draft: Draft, extension: Extension) -> tuple[Formula | None, str | None]:
        if draft.kind != "script_task":
            return None, None
        result = extension.attribute("op:resultVariable", "camunda:resultVariable", "flowable:resultVariable")
        text = text_of(draft.element.find(f"{{{BPMN}}}script"))
        for found in extension.find_elements("zeebe:script"):
            text, result = found.attributes.get("expression", text), found.attributes.get("resultVariable", result)
        language = draft.element.get("scriptFormat", "").strip().lower()
        if language not in self.script_formats:
            self.file.refuse(draft.element, f"scripts are written in FEEL, not in {language}")
            return None, None
        return (self.file.compile(text, draft.element) if text else None), result

    def read_skip(self, draft: Draft, extension: Extension) -> tuple[Formula | None, str | None]:
        """op:skip when="…" outcome="…": an ordinary arrival goes on as if the step were finished with that outcome."""
        found = extension.find_elements("op:skip") if draft.kind == "user_task" else []
        if not found:
            return None, None
        condition = found[0].attributes.get("when", "").strip()
        if not condition:
            self.file.refuse(draft.element, "a step that may be skipped needs the condition under which it is")
            return None, None
        return self.file.compile(condition, draft.element), found[0].attributes.get("outcome", "").strip() or None

    def read_called(self, draft: Draft, extension: Extension) -> tuple[str | None, Formula | None]:
        if draft.kind != "call_activity":
            return None, None
        called = draft.element.get("calledElement", "").strip()
        for found in extension.find_elements("zeebe:calledElement"):
            called = called or found.attributes.get("processId", "")
        if not called:
            self.file.refuse(draft.element, "a call activity needs the id of the process it calls")
        if is_dynamic(called):
            return None, self.file.compile(called, draft.element)
        return called, None

    def read_mapping(self, draft: Draft, extension: Extension, names: tuple[str, ...]) -> tuple[Mapped, ...]:
        """Variables handed in and out. op:local/op:input/op:output name=… value=…; the call mappings of other tools."""
        mapped: list[Mapped] = []
        for element in self._mapping_elements(extension):
            prefix, _colon, name = element.name.partition(":")
            if name not in names or (prefix in ("camunda", "flowable") and draft.kind != "call_activity"):
                continue
            attributes = element.attributes
            if attributes.get("variables") == "all":
                mapped.append(Mapped(None, None))
                continue
            target = attributes.get("name") or attributes.get("target") or attributes.get("targetExpression")
            text = attributes.get("value") or attributes.get("sourceExpression") or attributes.get("source")
            if target and text:
                mapped.append(Mapped(target, self.file.compile(text, draft.element)))
        return tuple(mapped)

    def _mapping_elements(self, extension: Extension) -> Iterator[ExtensionElement]:
        for element in extension.elements:
            yield element
            if element.name == "zeebe:ioMapping":
                yield from element.children

    def read_multi_instance(self, draft: Draft) -> MultiInstance | None:
        found = draft.element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
        if found is None:
            return None
        element, extension = draft.element, self.file.extension(found)
        zeebe = extension.find_elements("zeebe:loopCharacteristics")
        outside = zeebe[0].attributes if zeebe else {}
        collection = (
            extension.attribute("op:collection", "camunda:collection", "flowable:collection")
            or outside.get("inputCollection")
            or reference_of(text_of(found.find(f"{{{BPMN}}}loopDataInputRef")))
        )
        cardinality = text_of(found.find(f"{{{BPMN}}}loopCardinality"))
        if not collection and not cardinality:
            self.file.refuse(element, "a multi-instance activity needs a collection or a cardinality")
        item = found.find(f"{{{BPMN}}}inputDataItem")
        variable = (
            extension.attribute("op:elementVariable", "camunda:elementVariable", "flowable:elementVariable")
            or outside.get("inputElement")
            or (item.get("name", item.get("id")) if item is not None else None)
        )
        completion = text_of(found.find(f"{{{BPMN}}}completionCondition"))
        output = extension.attribute("op:outputElement") or outside.get("outputElement")
        return MultiInstance(
            sequential=flag(found.get("isSequential")),
            collection=self.file.compile(collection, element) if collection else None,
            cardinality=self.file.compile(cardinality, element) if cardinality and not collection else None,
            element_variable=variable,
            index_variable=extension.attribute("op:indexVariable", "flowable:elementIndexVariable"),
            completion=self.file.compile(completion, element) if completion else None,
            output_collection=extension.attribute("op:outputCollection") or outside.get("outputCollection"),
            output_element=self.file.compile(output, element) if output else None,
            countersign=self._read_countersign(element, extension),
            extension=extension,
        )

    def _read_countersign(self, element: Element, extension: Extension) -> Countersign | None:
        """op:countersign rule="all|any|ratio|first-refusal" rate yes no veto abstain, on the loop characteristics."""
        found = extension.find_elements("op:countersign")
        if not found:
            return None
        attributes = found[0].attributes
        rule = attributes.get("rule", "ratio")
        rates = {"all": 100, "first-refusal": 100, "any": 1}
        text = attributes.get("rate", "100").strip().rstrip("%")
        is_number = text.isascii() and text.isdigit() and len(text) < 4
        if rule not in (*rates, "ratio") or not is_number or not 0 < int(text) <= 100:
            self.file.refuse(
                element, "a countersign rule is all, any, ratio or first-refusal, with a rate from 1 to 100"
            )
            return None
        return Countersign(
            rate=rates.get(rule, int(text)),
            yes=words(attributes.get("yes", "agree")),
            no=words(attributes.get("no", "disagree")),
            abstain_counts=attributes.get("abstain", "counts") == "counts",
            veto=words(attributes.get("veto", "")),
            any_decides=rule == "any",
        )


def words(text: str) -> frozenset[str]:
    return frozenset(text.replace(",", " ").split())
