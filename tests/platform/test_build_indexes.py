"""An index built beside people's work: cut off, the same migration goes on."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models
from django.db.migrations.state import ProjectState

from onepoint.core.index_building import BuildIndex

NAME = "try_building"


def build() -> None:
    before = ProjectState.from_apps(apps)
    after = before.clone()
    built = BuildIndex("severity", models.Index(fields=["code"], name=NAME))
    built.state_forwards("tickets", after)
    with connection.schema_editor(atomic=False) as editor:
        built.database_forwards("tickets", editor, before, after)


def found() -> list[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indrelid::regclass::text, indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [NAME]
        )
        return list(cursor.fetchall())


@pytest.fixture
def dropped_afterwards() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {NAME}")


@pytest.mark.django_db(transaction=True)
def test_what_was_cut_off_is_built_anew_and_what_stands_is_left_alone(dropped_afterwards: None) -> None:
    with connection.cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON django_migrations ((true))")
    assert found() == [("django_migrations", False)]
    build()
    assert found() == [("tickets_severity", True)]
    build()
    assert found() == [("tickets_severity", True)]
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("5s",)
