"""Decision tables as pages and processes use them: what stands in force, how it reads, what it decides."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import quoteattr

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.core.explaining import explain_feel_error
from onepoint.workflow.decisions import DmnError, Table, read_table
from onepoint.workflow.models import DecisionDefinition, DecisionVersion
from onepoint.workflow.states import VersionStatus

#: The reader's codes → sentences; others are names of what DMN offers and this house does not.
_SENTENCES: dict[str, str | Promise] = {
    "not_dmn": gettext_lazy("This is not a DMN file."),
    "one_decision": gettext_lazy("The file must hold exactly one decision."),
    "no_table": gettext_lazy("The decision holds no decision table."),
    "hit_policy": gettext_lazy("This hit policy is not offered."),
    "no_expression": gettext_lazy("This input asks about nothing."),
    "output_names": gettext_lazy("Two outputs have the same name."),
    "entries": gettext_lazy("This rule has too many or too few cells."),
    "size": gettext_lazy("The table needs an output, and at most 100 columns and 2,000 rules."),
}
STARTER = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="definitions" name={name} namespace="urn:onepoint:drawn">
  <decision id="{key}" name={name}>
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="input_1" label={asked}>
        <inputExpression id="input_expression_1" typeRef="string">
          <text>severity</text>
        </inputExpression>
      </input>
      <output id="output_1" name="result" typeRef="string" />
      <rule id="rule_1">
        <inputEntry id="input_entry_1"><text>-</text></inputEntry>
        <outputEntry id="output_entry_1"><text>"normal"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""


def starter(key: str, name: str) -> str:
    """The drawing a new table begins with: one input, one output, one rule."""
    return STARTER.format(key=key, name=quoteattr(name), asked=quoteattr(_("Severity")))


_OTHER_VERSIONS = re.compile(r"https?://www\.omg\.org/spec/DMN/(?!20191111)\d{8}/(?:MODEL/|dmn\.xsd)")


def as_edited(dmn: str) -> str:
    """A file of another version of DMN under the namespace the editor reads; tables look the same in all of them."""
    return _OTHER_VERSIONS.sub("https://www.omg.org/spec/DMN/20191111/MODEL/", dmn)


def read(dmn: str) -> tuple[Table | None, list[str]]:
    """The table of a drawing, or what is wrong with it in words."""
    try:
        return read_table(dmn, explain_feel_error), []
    except DmnError as error:
        return None, [_in_words(place, reason) for place, reason in error.problems]


def _in_words(place: str, reason: str) -> str:
    sentence = _SENTENCES.get(reason)
    if sentence is None:
        sentence = reason if " " in reason or "，" in reason else _("“%s” is not offered.") % reason
    return f"{place}: {sentence}" if place else str(sentence)


@lru_cache(maxsize=256)
def _table_of(version_id: int) -> Table:
    """The table of a published version, which never changes."""
    return read_table(DecisionVersion.objects.get(pk=version_id).dmn)


def table_in_force(key: str) -> tuple[Table, int] | None:
    """The published table of a key with its version number, or None."""
    found = DecisionVersion.objects.filter(definition__key=key, status=VersionStatus.PUBLISHED)
    row = found.values_list("pk", "number").first()
    return (_table_of(row[0]), row[1]) if row else None


def definitions() -> QuerySet[DecisionDefinition]:
    versions = DecisionVersion.objects.defer("dmn").select_related("published_by", "edited_by")
    return DecisionDefinition.objects.prefetch_related(Prefetch("versions", versions.order_by("-number")))


def find_definition(key: str) -> DecisionDefinition | None:
    return definitions().filter(key=key).first()


def find_version(key: str, number: int) -> DecisionVersion | None:
    return DecisionVersion.objects.filter(definition__key=key, number=number).select_related("definition").first()


def table_to_edit(definition: DecisionDefinition) -> DecisionVersion:
    """The draft, else the published version, else the latest."""
    rows = DecisionVersion.objects.filter(definition=definition).order_by("-number")
    found = rows.filter(status=VersionStatus.DRAFT).first() or rows.filter(status=VersionStatus.PUBLISHED).first()
    latest = found or rows.first()
    assert latest is not None, "a definition is created with its first draft"
    return latest


@dataclass(frozen=True)
class ShownRow:
    number: int
    conditions: list[str]
    results: list[str]
    note: str


def rows_of(table: Table) -> list[ShownRow]:
    """The rules as text, for those who only read."""
    return [
        ShownRow(
            number, [test.text if test else "—" for test in rule.conditions],
            [entry.text if entry else "—" for entry in rule.results], rule.note,
        )
        for number, rule in enumerate(table.rules, 1)
    ]  # fmt: skip


def variables_of(table: Table) -> list[str]:
    """The names the inputs ask about, in the order of the columns."""
    names: dict[str, None] = {}
    for column in table.inputs:
        names.update((name, None) for name in sorted(column.expression.free_names))
    for rule in table.rules:
        for part in (*rule.conditions, *rule.results):
            names.update((name, None) for name in sorted(part.free_names if part else ()))
    return list(names)


def shown_value(value: Any) -> str:
    """A result as people read it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {shown_value(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(shown_value(part) for part in value) or _("nothing")
    return _("nothing") if value is None else str(value)
