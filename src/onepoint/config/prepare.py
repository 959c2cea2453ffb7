"""Brings the database to the state this version expects: tables, statistics, and the demo of an empty house."""

import argparse
import json
import os
import time
from pathlib import Path

import django
from django.core.management import call_command, get_commands
from psycopg.errors import LockNotAvailable

from onepoint.config.progress import step

#: So long a migration waits for a table in use, and whoever wants the table after it waits too (reliability F16).
LOCK_TIMEOUT = "1s"
LOCK_PAUSE = 2.0  # seconds in which those go on
LOCK_TRIES = 200


def migrate() -> bool:
    """Apply what is missing; true when there was something. New tables need statistics before the first job runs."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not pending:
        return False
    with step(f"Preparing the database ({len(pending)} migrations)"):
        apply_patiently()
        analyse()
    return True


def apply_patiently() -> None:
    """As ``migrate``; who would have to wait for a table tries again later, because all who come after wait behind it.

    What is applied stays applied; a migration that is cut off is either atomic or can be run again.
    """
    from django.db import OperationalError, connection

    # As what a session begins with, so that a migration that sets its own comes back to it.
    parts = connection.settings_dict["OPTIONS"]
    usual = parts["options"]
    connection.close()
    parts["options"] = f"{usual} -c lock_timeout={LOCK_TIMEOUT}"
    try:
        for left in reversed(range(LOCK_TRIES)):
            try:
                call_command("migrate", interactive=False, verbosity=0)
                return
            except OperationalError as problem:
                if not left or not isinstance(problem.__cause__, LockNotAvailable):
                    raise
                time.sleep(LOCK_PAUSE)
    finally:
        connection.close()
        parts["options"] = usual


def prepare_months() -> None:
    """The partitions of the journal for the months to come; a worker does it later where it is busy just now."""
    from onepoint.core import journal_months

    journal_months.prepare_months()


def analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def house_has_people() -> bool:
    from django.contrib.auth import get_user_model

    return get_user_model()._default_manager.exists()


def demo_is_unfinished() -> bool:
    """Whether loading the demo began but did not end (somebody pressed Ctrl-C)."""
    from onepoint.core.models import AuditEntry

    verbs = set(AuditEntry.objects.filter(subject_type="house").values_list("verb", flat=True))
    return "demo.started" in verbs and "demo.loaded" not in verbs


def furnish(*, with_demo: bool) -> None:
    """Give an empty house what every house needs, or the whole demo; one with people of its own is left alone."""
    from onepoint.core import audit

    commands = get_commands()
    if house_has_people() and not demo_is_unfinished():
        return
    if with_demo and "load_demo" in commands:
        audit.record("demo.started", by=None, subject_type="house", subject_id=0)
        call_command("load_demo")
        audit.record("demo.loaded", by=None, subject_type="house", subject_id=0)
        analyse()
    elif "load_starter" in commands:
        with step("Laying down roles, categories and processes", quiet_below=0.5):
            call_command("load_starter")


def demo_logins() -> list[tuple[str, str, str]]:
    """(user name, password, role) of the demo's people; empty when the demo is not in this database."""
    from onepoint.core.models import AuditEntry

    if not AuditEntry.objects.filter(subject_type="house", verb="demo.loaded").exists():
        return []
    from onepoint import demo

    return [(name, password, str(role)) for name, password, role in demo.logins()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-demo", action="store_true")
    parser.add_argument("--report", type=Path, help="file that receives the logins and whether anybody can log in")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    django.setup()
    migrate()
    prepare_months()
    furnish(with_demo=not options.no_demo)
    if options.report:
        report = {"logins": demo_logins(), "has_people": house_has_people()}
        options.report.write_text(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
