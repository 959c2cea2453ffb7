"""Everything the house holds about one customer, as one archive for that customer (PIPL Art. 45).

Every capability registers the sections it holds. A section gives only what belongs to the customer; people of the house
do not stand in it by name. Values go through ``core.masking``, so that what is written in full is counted.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.storage import default_storage
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise

from onepoint.core import clock, masking
from onepoint.core.attachments import CHUNK, clean_name
from onepoint.core.exporting import Progress
from onepoint.core.models import Attachment
from onepoint.customers import lookup_keys, queries
from onepoint.customers.models import Customer
from onepoint.customers.states import AccountKind

#: How a field stands in the copy beside the groups of ``core.masking``: as text somebody wrote, or as it is.
WORDS, PLAIN = "words", ""
_TELLING_EVERY = 200  # rows between two reports of progress


@dataclass(frozen=True)
class Whose:
    """The customer with the records merged into it, and the addresses by which messages reach it."""

    customer: Customer
    ids: Sequence[int]
    addresses: frozenset[str]  # as typed and in normal form


@dataclass(frozen=True)
class Told:
    """One field of a section: what it is called, where it stands in the row (``"category.label"``), how it is shown."""

    label: str | Promise
    path: str
    group: str = PLAIN


@dataclass(frozen=True)
class Section:
    """One kind of thing. ``rows`` gives model instances; ``files`` the attachments that came with them."""

    order: int
    code: str
    label: str | Promise
    fields: Sequence[Told]
    rows: Callable[[Whose], Iterable[Any]]
    files: Callable[[Whose], Iterable[Attachment]] | None = None


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Let what a capability holds stand in the copy; the later of one code is kept."""
    _sections[section.code] = section


def sections() -> list[Section]:
    return sorted(_sections.values(), key=lambda section: (section.order, section.code))


def fields_of(model: type[models.Model], /, **groups: str) -> list[Told]:
    """Fields of a model under their own names, each with the group it is shown by."""
    return [Told(_label_of(model, name), name, group) for name, group in groups.items()]


def _label_of(model: type[models.Model], name: str) -> str | Promise:
    return getattr(model._meta.get_field(name), "verbose_name", name)


def whose(customer: Customer) -> Whose:
    """All that names the customer now."""
    ids = [customer.pk, *(pk for pk, _number in queries.merged_ones(customer))]
    addresses: set[str] = set()
    for kind, value, key in queries.account_values(ids):
        if kind in (AccountKind.MOBILE, AccountKind.LANDLINE, AccountKind.EMAIL):
            addresses |= {value, key}
    for phone, email in queries.contact_person_values(ids):
        addresses |= {phone, lookup_keys.account_key(AccountKind.MOBILE, phone), email, email.lower()}
    return Whose(customer, ids, frozenset(addresses - {""}))


@dataclass
class _Written:
    """One section as it stands in the copy."""

    code: str
    label: str
    heads: list[str]
    rows: list[list[str]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)


def write_copy(customer: Customer, path: Path, progress: Progress) -> int:
    """Write the archive; gives the number of rows and files in it."""
    about = whose(customer)
    written: list[_Written] = []
    files: list[Attachment] = []
    count = 0
    for section in sections():
        part = _Written(section.code, str(section.label), [str(told.label) for told in section.fields])
        for row in section.rows(about):
            _add(part, section, row)
            count += 1
            if count % _TELLING_EVERY == 0:
                progress(count, count)
        if section.files:
            files += section.files(about)
        written.append(part)
    kept = list({file.pk: file for file in files}.values())
    progress(count, count + len(kept))
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        names = dict(_put_files(archive, kept, lambda done: progress(count + done, count + len(kept))))
        listed = [{"file": name, "name": file.name, "size": file.size} for file, name in names.items()]
        whole = {
            "customer": customer.number,
            "written_at": clock.now().isoformat(),
            "sections": {part.code: part.facts for part in written},
            "files": listed,
        }
        archive.writestr("data.json", json.dumps(whole, ensure_ascii=False, indent=1))
        context = {"customer": customer, "parts": written, "files": listed, "at": clock.now()}
        archive.writestr("index.html", render_to_string("customers/own_copy.html", context))
    return count + len(kept)


def _add(part: _Written, section: Section, row: Any) -> None:
    values = [(told, _value_of(row, told)) for told in section.fields]
    part.facts.append({told.path.replace(".", "_"): value for told, value in values})
    part.rows.append([_text_of(value) for _told, value in values])


def _value_of(row: Any, told: Told) -> Any:
    value = row
    *way, last = told.path.split(".")
    for name in way:
        value = getattr(value, name, None)
    shown = getattr(value, f"get_{last}_display", None)
    value = shown() if shown else getattr(value, last, None)
    if told.group == PLAIN:
        return _plain(value)
    if told.group == WORDS:
        return _words(value)
    return masking.shown(value, told.group)


def _words(value: Any) -> Any:
    """Texts wherever they stand in a nested value, each as the reader may see it."""
    if isinstance(value, Mapping):
        return {str(key): _words(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_words(part) for part in value]
    return masking.shown_words(value) if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date | Decimal | Promise):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | dict) or value is None else str(value)


def _text_of(value: Any) -> str:
    if value is None or value == {} or value == []:
        return ""
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_text_of(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(_text_of(part) for part in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return str(value)


def _put_files(
    archive: ZipFile, files: Sequence[Attachment], progress: Callable[[int], None]
) -> Iterator[tuple[Attachment, str]]:
    """The stored bytes under a name of their own each; one that is lost or whose time is over is left out."""
    for number, file in enumerate(files, 1):
        stored = Path(default_storage.path(file.storage_name)) if file.removed_at is None else None
        if stored is not None and stored.exists():
            name = f"files/{number:04}-{clean_name(file.name) or 'file'}"
            with stored.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                while block := source.read(CHUNK):
                    target.write(block)
            yield file, name
        progress(number)
