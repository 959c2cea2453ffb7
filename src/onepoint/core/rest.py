"""What every room of the REST API shares: safe types, paging by cursor, versions as ETags, scopes of keys, problems.

A capability writes its operations in ``api.py`` as a router and registers it when the house starts; ``integrations``
mounts the routers under ``/api/v1/``. An operation calls one query or one service, as a page does.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from onepoint.core import masking
from onepoint.core.errors import BusinessError, InvalidInput, NotPermitted
from onepoint.core.readable_moments import is_readable
from onepoint.core.text import clean
from onepoint.core.withheld import WORDS

Row = TypeVar("Row")
Item = TypeVar("Item")

BIGGEST_ID = 2**63 - 1
MOST_ITEMS = 200

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise ValueError("NUL and lone surrogates cannot be stored")
    return text


def _readable(moment: datetime) -> datetime:
    if not is_readable(moment):
        raise ValueError("a year out of reach")
    return moment


#: One line of text, and running text; neither holds what PostgreSQL refuses.
Line = Annotated[str, StringConstraints(max_length=400), AfterValidator(_storable), AfterValidator(clean)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_storable)]
Code = Annotated[str, StringConstraints(max_length=60, pattern=r"^[\w.:@+-]*$"), AfterValidator(_storable)]
Moment = Annotated[AwareDatetime, AfterValidator(_readable)]
Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
Limit = Annotated[int, Field(ge=1, le=MOST_ITEMS, description="Rows of one answer")]
Cursor = Annotated[str, StringConstraints(max_length=400), Field(description="`next` of the answer before")]


class Body(Schema):
    """What a caller sends; a field nobody asked for is refused instead of ignored."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """A refusal as RFC 9457 describes it; ``code`` is stable, ``title`` is in the reader's language."""

    type: str
    title: str
    status: int
    code: str
    errors: dict[str, str] | None = None


#: Documented beside every operation's own answers.
PROBLEMS = {frozenset({400, 401, 403, 404, 405, 409, 412, 413, 422, 428, 429, 503}): Problem}


class Page(Schema, Generic[Item]):
    """Some rows; ``next`` is the cursor of the rows after them, null at the end."""

    items: list[Item]
    next: str | None = None


class ScopeMissing(NotPermitted):
    """The key does not reach this part of the API."""

    code = "scope_missing"
    message = _("This key does not hold the scope “%(scope)s”.")


class VersionMissing(BusinessError):
    """A change must say which version it was made from."""

    code = "version_missing"
    message = _("Send the version you read in the If-Match header.")
    status = 428


class VersionStale(BusinessError):
    """Somebody changed it after the caller had read it."""

    code = "version_stale"
    message = _("This has been changed since you read it.")
    status = 412


# -- routers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mount:
    """One router: ``path`` below ``/api/v1`` and where it is found, as ``package.module.name``."""

    path: str
    router: str
    tag: str


_mounts: list[Mount] = []


def register_router(path: str, router: str, tag: str) -> None:
    """Declare a capability's part of the API; called by its AppConfig."""
    _mounts.append(Mount(path, router, tag))


def mounts() -> list[Mount]:
    return sorted(_mounts, key=lambda mount: mount.path)


_scopes: dict[str, Any] = {}


def register_scope(code: str, label: Any) -> None:
    """Declare what a key may be allowed, such as ``tickets:read``."""
    _scopes[code] = label


def scopes() -> dict[str, Any]:
    """Every scope a key may hold, with its label."""
    return dict(sorted(_scopes.items()))


def needs(scope: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard an operation: the key must hold ``scope`` besides what its person may do. Raises ScopeMissing."""

    def guard(operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
            if scope not in getattr(request, "api_scopes", ()):
                raise ScopeMissing(scope=scope)
            return operation(request, *arguments, **named)

        guarded.api_scope = scope  # type: ignore[attr-defined]
        return guarded

    return guard


# -- versions -----------------------------------------------------------------------------------------------------


def found(row: Row | None) -> Row:
    """The row, or 404: what lies outside one's scope does not exist."""
    if row is None:
        raise Http404
    return row


def tell_version(response: HttpResponse, version: int) -> None:
    response["ETag"] = f'"{version}"'


def version_read(request: HttpRequest) -> int:
    """The version the caller read, out of ``If-Match``. Raises VersionMissing, and VersionStale for no version of ours."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise VersionMissing
    match = re.fullmatch(r'"(\d{1,9})"', header)
    if match is None:
        raise VersionStale
    return int(match[1])


def refuse_masked(row: Any, values: Mapping[str, Any], groups: Mapping[str, str]) -> None:
    """Keep what a caller was shown in part from being overwritten by that part. Raises InvalidInput.

    ``groups`` says which group of personal data a field holds, or ``WORDS`` for a text people wrote.
    """
    wrong = {}
    for name in values.keys() & groups.keys():
        kept = getattr(row, name) or ""
        if groups[name] == WORDS:
            is_hidden = masking.shown_words(kept) != kept
        else:
            is_hidden = not masking.sees(groups[name]) and masking.STARS[:3] in str(values[name])
        if is_hidden:
            wrong[name] = _("It holds what you may not see; leave it out, or send a whole value you know.")
    if wrong:
        raise InvalidInput(wrong)


def withhold_fields(shown: dict[str, Any], hidden: Iterable[str]) -> dict[str, Any]:
    """``shown`` with what the caller's roles hide made empty: "" for texts, no members for lists, else null."""
    for name in set(hidden) & shown.keys():
        value = shown[name]
        shown[name] = type(value)() if isinstance(value, str | list | dict) else None
    return shown


# -- paging -------------------------------------------------------------------------------------------------------


def _encoded(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def _wrong_cursor() -> InvalidInput:
    return InvalidInput({"cursor": _("This is not a cursor of this list.")})


def _decoded(cursor: str, kinds: Sequence[str]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except ValueError:
        raise _wrong_cursor() from None
    if not isinstance(values, list) or len(values) != len(kinds):
        raise _wrong_cursor()
    return [_key(value, kind) for value, kind in zip(values, kinds, strict=True)]


def _key(value: Any, kind: str) -> Any:
    if kind == "moment":
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise _wrong_cursor()
        return moment
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= BIGGEST_ID:
        raise _wrong_cursor()
    return value


def page_by_cursor(
    rows: QuerySet[Any], show: Callable[[Any], Any], *, cursor: str, limit: int, moment: str = ""
) -> dict[str, Any]:
    """One page of ``rows``, newest first: by ``moment`` (a column that is never null) and id, or by id alone.

    The cursor holds the last row's place, so a page costs the same however far on it is, and rows that arrive
    meanwhile shift nothing. Raises InvalidInput for a cursor of another list.
    """
    kinds = ["moment", "id"] if moment else ["id"]
    if cursor:
        *moments, last = _decoded(cursor, kinds)
        if moments:
            earlier = Q(**{f"{moment}__lt": moments[0]}) | Q(**{moment: moments[0]}, pk__lt=last)
            rows = rows.filter(earlier, **{f"{moment}__lte": moments[0]})
        else:
            rows = rows.filter(pk__lt=last)
    order = [f"-{moment}", "-pk"] if moment else ["-pk"]
    page = list(rows.order_by(*order)[: limit + 1])
    following = None
    if len(page) > limit:
        last_row = page[limit - 1]
        following = _encoded([*([getattr(last_row, moment)] if moment else []), last_row.pk])
    return {"items": [show(row) for row in page[:limit]], "next": following}
