"""The commands behind ``./onepoint``. Imports are inside the functions, so that each command starts fast."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from onepoint.config import data_folder
from onepoint.config.data_folder import PROJECT_ROOT

Command = Callable[[argparse.Namespace, list[str]], int]


def run_up(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.build import build_all
    from onepoint.config.supervisor import House

    build_all()
    folder = data_folder.chosen(options.data)
    House(folder, options.host, options.port, with_demo=not options.no_demo).run()
    return 0


def run_web(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.build import build_all
    from onepoint.config.web import serve

    build_all()
    with data_folder.database(data_folder.chosen(options.data)):
        serve(options.host, options.port)
    return 0


def run_worker(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.build import compile_messages
    from onepoint.config.worker import work

    compile_messages()
    with data_folder.database(data_folder.chosen(options.data)):
        work()
    return 0


def run_migrate(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config import prepare

    with data_folder.database(data_folder.chosen(options.data)):
        sys.argv = ["onepoint", "--no-demo"]
        prepare.main()
    return 0


def run_import(options: argparse.Namespace, rest: list[str]) -> int:
    if not rest or rest[0] not in ("tickets", "customers"):
        sys.exit("usage: ./onepoint import tickets|customers FILE --mapping MAPPING")
    return run_django(options, [f"import_{rest[0]}", *rest[1:]])


def run_demo(options: argparse.Namespace, rest: list[str]) -> int:
    return run_django(options, ["scale_demo", *rest])


def run_replay(options: argparse.Namespace, rest: list[str]) -> int:
    return run_django(options, ["replay_log", *rest])


def run_export(options: argparse.Namespace, rest: list[str]) -> int:
    if not rest or rest[0] != "log":
        sys.exit("usage: ./onepoint export log FILE [--format xes|ocel] [--help]")
    return run_django(options, ["export_log", *rest[1:]])


def run_backup(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.backup import back_up

    folder = data_folder.chosen(options.data)
    with data_folder.database(folder):
        print(back_up(folder, options.into.expanduser().absolute(), with_key=not options.without_key))
    return 0


def run_restore(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.backup import restore
    from onepoint.config.build import compile_messages

    compile_messages()
    return restore(options.backup.expanduser().absolute(), data_folder.chosen(options.data))


def run_verify(options: argparse.Namespace, rest: list[str]) -> int:
    return run_django(options, ["verify", *rest])


def run_archive(options: argparse.Namespace, rest: list[str]) -> int:
    return run_django(options, ["archive_journal", *rest])


def run_manage(options: argparse.Namespace, rest: list[str]) -> int:
    return run_django(options, rest)


def run_messages(options: argparse.Namespace, rest: list[str]) -> int:
    """Needs no database: it only reads sources."""
    os.environ.setdefault("ONEPOINT_SECRET_KEY", "reads sources only")
    os.environ.setdefault("ONEPOINT_DATABASE_URL", "postgresql:///none")
    return django(["messages", *rest])


def run_django(options: argparse.Namespace, arguments: list[str]) -> int:
    from onepoint.config.build import compile_messages

    compile_messages()
    with data_folder.database(data_folder.chosen(options.data)):
        return django(arguments)


def django(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["onepoint", *arguments])
    return 0


def run_test(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.development import run_tests

    return run_tests(rest)


def run_check(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.development import run_checks

    return run_checks()


def run_audit(options: argparse.Namespace, rest: list[str]) -> int:
    from onepoint.config.audit import audit

    return audit(bill=options.bill, offline=options.offline)


def run_lock(options: argparse.Namespace, rest: list[str]) -> int:
    """Renew ``requirements/*.txt``: exact versions and hashes for every platform, and no address of any host."""
    common = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--quiet"]
    common += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--upgrade"]
    locks = PROJECT_ROOT / "requirements"
    for source in (
        ["requirements/uv.in", "-o", str(locks / "uv.txt")],
        ["pyproject.toml", "-o", str(locks / "run.txt")],
        ["pyproject.toml", "--group", "dev", "-c", "requirements/run.txt", "-o", str(locks / "dev.txt")],
    ):
        subprocess.run([*common, *source], cwd=PROJECT_ROOT, check=True)
    return 0


PASSES_ON = frozenset({"manage", "import", "demo", "replay", "export", "verify", "archive", "messages", "test"})


def parser() -> argparse.ArgumentParser:
    house = argparse.ArgumentParser(prog="./onepoint", description="Onepoint 一点通")
    commands = house.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Command, about: str) -> argparse.ArgumentParser:
        if name in PASSES_ON:
            about += " (what follows is passed on)"
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(run=run, data=None)
        return added

    def with_data(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added.add_argument("--data", type=Path, help="data folder (default: ONEPOINT_DATA_DIR, else var/)")
        return added

    def with_address(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        added.add_argument("--port", type=int, default=8000)
        return added

    up = with_address(with_data(command("up", run_up, "start everything and keep it running")))
    up.add_argument("--no-demo", action="store_true", help="do not load the demo into an empty house")
    with_address(with_data(command("web", run_web, "run the web process")))
    with_data(command("worker", run_worker, "run the worker process"))
    with_data(command("migrate", run_migrate, "bring the database to this version"))
    backup = with_data(command("backup", run_backup, "write a backup while people go on working"))
    backup.add_argument("into", type=Path, help="folder that keeps backups; each gets one of its own")
    backup.add_argument("--without-key", action="store_true", help="keep the secret key elsewhere")
    restored = with_data(command("restore", run_restore, "restore a backup into an empty data folder, and prove it"))
    restored.add_argument("backup", type=Path, help="the folder of one backup")
    command("manage", run_manage, "run any Django command")
    command("import", run_import, "bring tickets or customers in from a spreadsheet")
    command("demo", run_demo, "fill the house with N times the demo: --scale N")
    command("replay", run_replay, "let people work the cases of an event log (XES)")
    command("export", run_export, "write the event log of tickets: export log FILE")
    command("verify", run_verify, "prove that nothing is lost, doubled or tampered with")
    command("archive", run_archive, "take old months of the journal out into files, or bring them back")
    command("messages", run_messages, "extract translatable strings, or --check them")
    command("test", run_test, "run the tests; arguments go to pytest")
    command("check", run_check, "format, lint, types, contracts, migrations, translations")
    audited = command("audit", run_audit, "licences and known weaknesses of everything that is delivered")
    audited.add_argument("--bill", type=Path, help="write the bill of materials (CycloneDX) to this file")
    audited.add_argument("--offline", action="store_true", help="licences only; ask nobody about known weaknesses")
    command("lock", run_lock, "renew the lock files")
    return house


def main() -> None:
    from onepoint.config.backup import BackupError
    from onepoint.config.build import BuildError
    from onepoint.config.embedded_postgres import EmbeddedPostgresError
    from onepoint.config.supervisor import CannotStart

    house = parser()
    name, *rest = sys.argv[1:] or [""]
    # What follows some commands is for others to read, --help included.
    options = house.parse_args([name] if name in PASSES_ON else None)
    try:
        sys.exit(options.run(options, rest))
    except (BackupError, BuildError, CannotStart, EmbeddedPostgresError) as error:
        sys.exit(f"onepoint: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
