"""The newest rows that meet some conditions, in a time that depends neither on how many rows there are nor on how many meet them.

The database has two ways: walk the rows from the newest on until enough were found, or find all that meet the conditions and
sort them. Which is fast depends on how often the conditions meet together, and that it can only guess; guessed wrong, it walks
a million rows to find that there is none. So the newest ten thousand are looked through first; when these do not hold enough,
the rest is rare and is found by index and sorted; and should it not be rare after all, it is walked.
"""

import time
from datetime import timedelta
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Model, QuerySet, Value

M = TypeVar("M", bound=Model)
NEWEST = 10_000
#: Rare rows are found and sorted within this time, or they are not rare; and then they are met soon by walking.
MILLISECONDS = 250
#: How long the moment of the ten thousandth row is remembered; an older one only means that more are looked through.
REMEMBERED_SECONDS = 600

_floors: dict[tuple[type[Model], str], tuple[float, Any]] = {}


def newest(rows: QuerySet[M], moment: str, *, start: int = 0, stop: int) -> list[M]:
    """``rows`` from ``start`` to ``stop`` by the column ``moment``, the newest first, equal ones by id. Mostly one query."""
    ordered = rows.order_by(f"-{moment}", "-pk")
    floor = _floor(rows.model, moment)
    if floor is None or start >= NEWEST:  # small enough for any plan; far back there is only walking
        return list(ordered[start:stop])
    found = list(ordered.filter(**{f"{moment}__gte": floor})[start:stop])
    if len(found) == stop - start:
        return found
    # Added to nothing, the column has no index that is in its order. Only the keys are sorted, not what is shown of the rows.
    unordered = ExpressionWrapper(F(moment) + Value(timedelta()), output_field=DateTimeField())
    found_and_sorted = rows.order_by(unordered.desc(), "-pk").values_list("pk", flat=True)[start:stop]
    walked = ordered.values_list("pk", flat=True)[start:stop]
    keys = _soon(found_and_sorted)
    if keys is None:
        keys = _soon(walked)
    if keys is None:  # this takes a while, but not as long as walking past every row there is
        keys = list(found_and_sorted)
    return list(rows.filter(pk__in=keys).order_by(f"-{moment}", "-pk")) if keys else []


def _soon(keys: QuerySet[Any, int]) -> list[int] | None:
    """The keys, or None where finding them takes too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {MILLISECONDS}")
            found = list(keys)
            cursor.execute("SET LOCAL statement_timeout = 0")
    except OperationalError:
        return None
    return found


def _floor(model: type[Model], moment: str) -> Any:
    """The moment of the ten thousandth row from the newest on; None where there are fewer."""
    until, floor = _floors.get((model, moment), (0.0, None))
    if time.monotonic() >= until:
        moments = model._default_manager.order_by(f"-{moment}").values_list(moment, flat=True)
        floor = next(iter(moments[NEWEST : NEWEST + 1]), None)
        _floors[model, moment] = (time.monotonic() + REMEMBERED_SECONDS, floor)
    return floor
