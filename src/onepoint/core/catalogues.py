"""Translation catalogues: which strings the sources hold, and whether each capability's ``django.po`` has them all."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polib

#: Where each argument of a translation call stands, in Babel's notation ("c" is the context).
CALLS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LOCALE = "zh_Hans"
HEADER = {
    "Language": LOCALE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|\{(\w+)\}")


@dataclass(frozen=True, order=True)
class Message:
    """A string to translate; ``plural`` is empty unless it is counted, ``context`` unless it is ambiguous."""

    text: str
    plural: str = ""
    context: str = ""


def catalogue_of(capability: Path) -> Path:
    return capability / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def capabilities(package: Path) -> list[Path]:
    """Every folder that has a catalogue of its own; what ``config`` says belongs to ``core``."""
    return sorted(path for path in package.iterdir() if (path / "apps.py").exists())


def source_folders(capability: Path) -> list[Path]:
    return [capability, capability.parent / "config"] if capability.name == "core" else [capability]


def messages_of(capability: Path) -> list[Message]:
    """Every distinct string of the capability's Python files and templates, sorted."""
    found: set[Message] = set()
    for folder in source_folders(capability):
        for path in folder.rglob("*"):
            if path.suffix == ".py" and "migrations" not in path.parts:
                found.update(_in_python(path.read_text(encoding="utf-8")))
            elif path.suffix in (".html", ".txt") and "templates" in path.parts:
                found.update(_in_template(path))
    return sorted(_without_shadowed(found))


def _without_shadowed(found: set[Message]) -> set[Message]:
    """A counted string and its uncounted twin share one entry in a catalogue."""
    counted = {(message.text, message.context) for message in found if message.plural}
    return {message for message in found if message.plural or (message.text, message.context) not in counted}


def _in_python(source: str) -> Iterator[Message]:
    from babel.messages.extract import extract_python

    calls: Any = CALLS
    for _line, function, found, _comments in extract_python(io.BytesIO(source.encode()), calls, [], {}):
        texts: list[Any] = list(found) if isinstance(found, tuple) else [found]
        name = str(function)
        context = texts.pop(0) if name.lstrip("n").startswith("pgettext") else ""
        if not texts or not isinstance(texts[0], str) or not texts[0]:
            continue  # computed at run time: the literal stands elsewhere
        counted = name.startswith(("ngettext", "npgettext"))
        yield Message(texts[0], (texts[1] or "") if counted else "", context or "")


def _in_template(path: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    # The tokenizer would take the template's indentation for Python's.
    return _in_python(re.sub(r"\s*\n\s*", "\n", code).strip())


def update(capability: Path) -> tuple[int, int]:
    """Write the catalogue anew, keeping translations; return (strings, untranslated)."""
    path = catalogue_of(capability)
    known = {_key(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    messages = messages_of(capability)
    if not messages and not known:
        return 0, 0
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = dict(HEADER)
    untranslated = 0
    for message in messages:
        entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
        old = known.get((message.text, message.context))
        translation = _translation(old) if old is not None and not old.fuzzy else ""
        if message.plural:
            entry.msgid_plural, entry.msgstr_plural = message.plural, {0: translation}
        else:
            entry.msgstr = translation
        untranslated += not translation
        catalogue.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = str(catalogue)
    if not path.exists() or path.read_text(encoding="utf-8") != new:
        path.write_text(new, encoding="utf-8")
    return len(messages), untranslated


def faults(capability: Path) -> Iterator[str]:
    """What keeps the capability's catalogue from being complete."""
    path = catalogue_of(capability)
    messages = messages_of(capability)
    if not path.exists():
        if messages:
            yield f"{capability.name}: no catalogue for {len(messages)} strings"
        return
    known = {_key(entry): entry for entry in polib.pofile(str(path))}
    for message in messages:
        entry = known.pop((message.text, message.context), None)
        if entry is None:
            yield f"{capability.name}: not in the catalogue: {message.text!r}"
        elif entry.fuzzy:
            yield f"{capability.name}: fuzzy: {message.text!r}"
        elif not _translation(entry):
            yield f"{capability.name}: not translated: {message.text!r}"
        elif placeholders(_translation(entry)) != placeholders(message.plural or message.text):
            yield f"{capability.name}: other placeholders: {message.text!r} → {_translation(entry)!r}"
    for text, _context in known:
        yield f"{capability.name}: no longer used: {text!r}"


def contradictions(package: Path) -> Iterator[str]:
    """Strings two capabilities translate differently: all catalogues are one at run time, so one of them would lose."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for capability in capabilities(package):
        path = catalogue_of(capability)
        for entry in polib.pofile(str(path)) if path.exists() else ():
            translation = _translation(entry)
            name, other = seen.setdefault(_key(entry), (capability.name, translation))
            if translation and other and translation != other:
                yield f"{entry.msgid!r} is {other!r} in {name} and {translation!r} in {capability.name}"


def placeholders(text: str) -> set[str]:
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def _key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgid, entry.msgctxt or ""


def _translation(entry: polib.POEntry) -> str:
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
