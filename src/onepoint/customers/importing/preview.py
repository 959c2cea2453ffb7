"""The first rows of a file, as they stand and as the mapping understands them; personal data as the reader may see it."""

from dataclasses import dataclass
from itertools import islice

from onepoint.core import masking
from onepoint.core.errors import BusinessError
from onepoint.customers.importing import files
from onepoint.customers.importing.fields import BY_KEY, FIELDS
from onepoint.customers.importing.rows import Names, read_row
from onepoint.customers.models import CustomerImport
from onepoint.customers.queries import imports as queries

LENGTH = 5


@dataclass(frozen=True)
class Line:
    """One row of the preview; ``problem`` says why it would be refused."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True)
class Preview:
    heads: list[str]
    lines: list[Line]

    @property
    def by_field(self) -> list[tuple[str, list[str]]]:
        """Each field with what the rows say, as a page has more height than width for it."""
        return [(head, [line.cells[place] for line in self.lines]) for place, head in enumerate(self.heads)]


def _first_rows(source: CustomerImport) -> list[dict[str, str]]:
    return list(islice(files.read_rows(queries.file_of(source), queries.shape_of(source)), LENGTH))


def _shown(text: str, group: str) -> str:
    return masking.shown(text, group) if group else masking.shown_words(text)


def raw(source: CustomerImport) -> dict[str, str]:
    """Column head → an example of what stands below it."""
    groups = {head: BY_KEY[field].group for field, head in source.columns.items() if field in BY_KEY}
    example: dict[str, str] = {}
    for row in _first_rows(source):
        for head, text in row.items():
            if text and head not in example:
                example[head] = _shown(text, groups.get(head, ""))[:60]
    return {head: example.get(head, "") for head in source.heads}


def understood(source: CustomerImport) -> Preview:
    """The mapped columns of the first rows, with what is wrong with each as far as the row itself shows it."""
    fields = [field for field in FIELDS if source.columns.get(field.key)]
    names, lines = Names(), []
    for number, row in enumerate(_first_rows(source), 1):
        problem = ""
        try:
            read_row(row, source.columns, names, source.defaults)
        except BusinessError as refusal:
            problem = str(refusal)
        cells = [_shown(row.get(source.columns[field.key], ""), field.group) for field in fields]
        lines.append(Line(number, cells, problem))
    return Preview([str(field.label) for field in fields], lines)
