"""The audit journal in words: capabilities register one sentence per verb, in both languages through gettext."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from onepoint.core import audit, masking
from onepoint.core.models import AuditEntry

#: A sentence with ``%(key)s`` fields of the entry's data, or a function of the data.
Sentence = str | Promise | Callable[[Mapping[str, Any]], str]

_sentences: dict[str, Sentence] = {}
#: Why somebody may not open a page of any row, or None.
WhyNotOpen = Callable[[Any], object | None]


@dataclass(frozen=True)
class _Kind:
    """A kind of subject: its rows, the field people know them by, and the page of each with the field in its address."""

    model: type[Model]
    field: str
    page: str = ""
    key: str = ""
    why_not: WhyNotOpen | None = None


_subjects: dict[str, _Kind] = {}


def register_sentences(sentences: Mapping[str, Sentence]) -> None:
    """Say how entries with these verbs read; the later registration of a verb wins."""
    _sentences.update(sentences)


def _in_language(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with ``step`` taken from ``step_en`` and the like when English is shown; unknown fields read as empty."""
    english = (get_language() or "").startswith("en")
    shown: dict[str, Any] = defaultdict(str)
    for key, value in data.items():
        shown[key] = "" if value is None else value
    if english:
        for key, value in data.items():
            if key.endswith("_en") and value:
                shown[key.removesuffix("_en")] = value
    return shown


def sentence_of(entry: AuditEntry) -> str:
    """What happened, in the language being shown, numbers masked; without a sentence the verb's name stands for it.

    Where the details are withheld only the verb's name is told.
    """
    if getattr(entry, "is_withheld", False):
        return str(audit.verb_label(entry.verb))
    return masking.shown_words(_sentence_of(entry))


def _sentence_of(entry: AuditEntry) -> str:
    sentence = _sentences.get(entry.verb)
    if sentence is None:
        return str(audit.verb_label(entry.verb))
    data = _in_language(entry.data)
    if callable(sentence) and not isinstance(sentence, Promise):
        return sentence(data)
    return (str(sentence) % data).strip()


#: Says a code that stands in a fact, in the language being shown; None where it is none of its codes.
WordOf = Callable[[Any], str | Promise | None]
_facts: dict[str, tuple[str | Promise, WordOf | None]] = {}


def name_facts(facts: Mapping[str, tuple[str | Promise, WordOf | None]]) -> None:
    """Say how fields of entries are called that no field of their subject names, and their codes."""
    _facts.update(facts)


_detailed: dict[str, type[Model]] = {}


def show_details(kind: str, model: type[Model]) -> None:
    """The journal tells the facts of entries about this kind itself, as no page of their own does."""
    _detailed[kind] = model


def detailed_model(kind: str) -> type[Model] | None:
    """The model of a kind whose facts the journal tells."""
    return _detailed.get(kind)


def fact_label(name: str) -> str:
    """How a field of an entry is called; empty where nobody said."""
    return str(_facts[name][0]) if name in _facts else ""


def fact_word(name: str, code: Any) -> str:
    """A code in words; as it is where nobody named it."""
    word_of = _facts[name][1] if name in _facts else None
    return str((word_of(code) if word_of else None) or code)


#: Gives the names of people by id, in the language being shown; the organisation registers it.
NamesOfPeople = Callable[[set[int]], Mapping[int, str]]
_names_of_people: NamesOfPeople | None = None


def name_people(names: NamesOfPeople) -> None:
    """Say how people are called who did something, or in whose name it was done."""
    global _names_of_people
    _names_of_people = names


def told(entries: Iterable[AuditEntry]) -> list[tuple[AuditEntry, str]]:
    """Entries with their sentences; each entry knows ``who`` did it, "on behalf of" whom too ("" is the system).

    One query where somebody acted for another or English names are wanted, else none.
    """
    rows = list(entries)
    name_actors(rows)
    return [(entry, sentence_of(entry)) for entry in rows]


def name_actors(entries: list[AuditEntry]) -> None:
    """Give each entry its ``who``."""
    english = (get_language() or "").startswith("en")
    ids = {entry.on_behalf_of_id for entry in entries if entry.on_behalf_of_id}
    if english:
        ids |= {entry.actor_id for entry in entries if entry.actor_id}
    names = _names_of_people(ids) if ids and _names_of_people else {}
    for entry in entries:
        who = names.get(entry.actor_id or 0, entry.actor_name) if english else entry.actor_name
        if absentee := names.get(entry.on_behalf_of_id or 0):
            who = gettext("%(deputy)s on behalf of %(absentee)s") % {"deputy": who, "absentee": absentee}
        entry.who = who  # type: ignore[attr-defined]


def name_subject(
    kind: str, model: type[Model], field: str, *, page: str = "", key: str = "", why_not: WhyNotOpen | None = None
) -> None:
    """Say what entries of this ``subject_type`` are about: rows of ``model``, known by ``field`` (number, code …).

    ``page`` is the address that shows one, by ``key`` (else ``field``): to those whom ``why_not`` does not refuse, or,
    without it, to those who see the row (``visible_to``).
    """
    _subjects[kind] = _Kind(model, field, page, key or field, why_not)


def subject_labels(kind: str, ids: Iterable[int]) -> dict[int, str]:
    """“Ticket TS2026…” by id, for the rows that are there; one query, none for a kind nobody registered."""
    if kind not in _subjects:
        return {}
    one = _subjects[kind]
    found = one.model._default_manager.filter(pk__in=set(ids)).values_list("pk", one.field)
    return {pk: f"{one.model._meta.verbose_name} {name}" for pk, name in found}


def subject_pages(kind: str, ids: Iterable[int], *, visible_to: Any) -> dict[int, str]:
    """The page of each row this person may open, by id; one query, none for kinds without pages."""
    one = _subjects.get(kind)
    if one is None or not one.page or (one.why_not and one.why_not(visible_to)):
        return {}
    rows: Any = one.model._default_manager.filter(pk__in=set(ids))
    if one.why_not is None:
        rows = rows.visible_to(visible_to)
    return {pk: reverse(one.page, args=[key]) for pk, key in rows.values_list("pk", one.key)}


def is_registered(verb: str) -> bool:
    return verb in _sentences
