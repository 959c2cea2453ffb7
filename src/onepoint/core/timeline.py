"""The audit journal in words: capabilities register one sentence per verb, in both languages through gettext."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import get_language

from onepoint.core import audit, masking
from onepoint.core.models import AuditEntry

#: A sentence with ``%(key)s`` fields of the entry's data, or a function of the data.
Sentence = str | Promise | Callable[[Mapping[str, Any]], str]

_sentences: dict[str, Sentence] = {}
#: Kind of subject → its model and the field people know its rows by.
_subjects: dict[str, tuple[type[Model], str]] = {}


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
    """What happened, in the language being shown, numbers masked; without a sentence the verb's name stands for it."""
    return masking.shown_words(_sentence_of(entry))


def _sentence_of(entry: AuditEntry) -> str:
    sentence = _sentences.get(entry.verb)
    if sentence is None:
        return str(audit.verb_label(entry.verb))
    data = _in_language(entry.data)
    if callable(sentence) and not isinstance(sentence, Promise):
        return sentence(data)
    return (str(sentence) % data).strip()


def name_subject(kind: str, model: type[Model], field: str) -> None:
    """Say what entries of this ``subject_type`` are about: rows of ``model``, known by ``field`` (number, code …)."""
    _subjects[kind] = (model, field)


def subject_labels(kind: str, ids: Iterable[int]) -> dict[int, str]:
    """“Ticket TS2026…” by id, for the rows that are there; one query, none for a kind nobody registered."""
    if kind not in _subjects:
        return {}
    model, field = _subjects[kind]
    found = model._default_manager.filter(pk__in=set(ids)).values_list("pk", field)
    return {pk: f"{model._meta.verbose_name} {name}" for pk, name in found}


def is_registered(verb: str) -> bool:
    return verb in _sentences
