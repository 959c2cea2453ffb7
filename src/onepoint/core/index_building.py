"""Indexes that migrations build on large tables while people go on working."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connections, migrations

#: Kilobytes of new entries an index of words puts by before it sorts them in. The server's own four thousand are all read by
#: everybody who searches, for eight milliseconds, and sorted in at once by whoever comes to write the last one.
PENDING_LIMIT = 256


class BuildIndex(AddIndexConcurrently):
    """As Django's, and once more after it was cut off: what is left of the try before is thrown away.

    Building waits for every transaction that is older and holds nobody up meanwhile, so it may wait longer than people do.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        with connections[schema_editor.connection.alias].cursor() as cursor:
            cursor.execute(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))", [self.index.name]
            )
            is_whole = next((whole for (whole,) in cursor.fetchall()), None)
            if is_whole:
                return
            cursor.execute("SET lock_timeout = 0")
            try:
                if is_whole is not None:
                    cursor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}")
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute("RESET lock_timeout")


class DropIndex(RemoveIndexConcurrently):
    """As Django's, waiting as long as it takes: it holds nobody up."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        with connections[schema_editor.connection.alias].cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
            try:
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute("RESET lock_timeout")


def limit_pending(model: str, index: GinIndex) -> migrations.SeparateDatabaseAndState:
    """An index that is there as ``index``, which has ``PENDING_LIMIT``: nothing is built anew."""
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f'ALTER INDEX "{index.name}" SET (gin_pending_list_limit = {PENDING_LIMIT})',
                f'ALTER INDEX "{index.name}" RESET (gin_pending_list_limit)',
            ),
        ],
        state_operations=[migrations.RemoveIndex(model, index.name), migrations.AddIndex(model, index)],
    )
