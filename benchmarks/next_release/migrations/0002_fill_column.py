from typing import Any

from django.db import migrations

PORTION = 5000


def fill(apps: Any, schema_editor: Any) -> None:
    """In portions, each a transaction of its own; what is filled already is left alone."""
    rows = apps.get_model("next_release", "Noted").objects
    last = 0
    while numbers := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PORTION]):
        last = numbers[-1]
        rows.filter(pk__in=numbers, release_note=None).update(release_note="filled")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("next_release", "0001_column")]
    operations = [migrations.RunPython(fill)]
