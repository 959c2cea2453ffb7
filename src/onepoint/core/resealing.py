"""Sealing everything anew under the present secret key, after it was changed; each capability says what it seals."""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction

from onepoint.core import sealing

_BATCH = 1000
_resealers: dict[str, Callable[[], Iterator[int]]] = {}


def register_resealer(name: str, reseal: Callable[[], Iterator[int]]) -> None:
    """``reseal`` seals its rows anew in batches, each in a transaction of its own, and gives the size of each."""
    _resealers[name] = reseal


def reseal_everything() -> Iterator[tuple[str, int]]:
    """Seal everything anew; gives what was done, batch by batch. May be broken off and run again."""
    for model, field in _sealed_columns():
        for count in _reseal_column(model, field):
            yield model._meta.label, count
    for name, reseal in sorted(_resealers.items()):
        for count in reseal():
            yield name, count


def _sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Columns of secrets: all are named ``sealed_…``."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name.startswith("sealed_") and isinstance(field, models.TextField):
                yield model, field.name


def _reseal_column(model: type[models.Model], field: str) -> Iterator[int]:
    rows: Any = model._default_manager.exclude(**{field: ""}).order_by("pk")
    last: Any = None
    while True:
        with transaction.atomic():
            batch = list((rows.filter(pk__gt=last) if last else rows).select_for_update(of=("self",))[:_BATCH])
            for row in batch:
                sealed = sealing.seal(sealing.unseal(getattr(row, field)))
                model._default_manager.filter(pk=row.pk).update(**{field: sealed})
        if not batch:
            return
        last = batch[-1].pk
        yield len(batch)
