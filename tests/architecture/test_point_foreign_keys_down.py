"""A table may refer only to tables of its own capability or of lower ones."""

from django.apps import apps
from django.db.models import ForeignKey, Model

from architecture import house


def capability_of(model: type[Model]) -> str | None:
    """None for a model of Django or a library, which everybody may refer to."""
    root, _, rest = model.__module__.partition(".")
    return rest.split(".")[0] if root == "onepoint" else None


def references() -> list[tuple[str, str, str]]:
    """(field, capability that has it, capability it points at)"""
    found = []
    for model in apps.get_models(include_auto_created=True):
        own = capability_of(model)
        for field in model._meta.get_fields() if own else ():
            if isinstance(field, ForeignKey) or (field.many_to_many and not field.auto_created):
                other = capability_of(field.related_model)
                if own and other and other != own:
                    found.append((f"{model.__name__}.{field.name}", own, other))
    return found


def test_foreign_keys_point_down_only() -> None:
    assert len(references()) > 3
    upward = [
        f"{field}: {own} → {other}"
        for field, own, other in references()
        if not house.height_of(other) < house.height_of(own)
    ]
    assert upward == []
