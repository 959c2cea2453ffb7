from typing import Any

from django.db import migrations


def seal(apps: Any, schema_editor: Any) -> None:
    from onepoint.customers.sealing_ids import seal_id_numbers

    for _count in seal_id_numbers():
        pass


class Migration(migrations.Migration):
    """Numbers not sealed yet can be read all the same, so old and new rows stand side by side while this runs."""

    atomic = False  # each batch is a transaction of its own
    dependencies = [("customers", "0006_sealed_id_numbers")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
