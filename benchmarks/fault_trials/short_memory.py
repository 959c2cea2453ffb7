"""F17: the kernel ends processes that take too much memory, in the middle of an upload and of an export.

It does that with SIGKILL, and so do we: the web process that holds half an upload, the worker that has written half a file.
"""

import http.client
import os
import signal
import time
from pathlib import Path

from fault_trials import ledger as ledgers
from fault_trials.full_disk import a_ticket, upload
from fault_trials.house import House, Part, wait_until
from fault_trials.ledger import TICKETS, Caller
from fault_trials.poison_jobs import let_time_pass
from fault_trials.trials import Outcome, Scale, register_trial

HALF = 4_000_000


@register_trial(
    "F17", "A process ended for want of memory in an upload or an export: the others go on, nothing is left behind"
)
def run_out_of_memory(house: House, scale: Scale, outcome: Outcome) -> None:
    house.kill_all()
    for turn in range(scale.of(1, 5)):
        in_upload(house, outcome, turn)
    in_export(house, scale.of(20_000, 200_000), scale, outcome)


# -- an upload ------------------------------------------------------------------------------------------------------


def in_upload(house: House, outcome: Outcome, turn: int) -> None:
    """Two web processes behind one port; the one that has taken in half of a file is killed."""
    temporary = house.folder / f"temporary-{turn}"
    temporary.mkdir()
    web = house.begin_web(ONEPOINT_WEB_WORKERS="2", TMPDIR=str(temporary))
    house.shared_web = web
    number = a_ticket(house)
    before = house.number("SELECT count(*) FROM core_attachment")
    ledger = ledgers.Ledger()
    clients = 4
    end, _threads = ledgers.begin_writers(house, ledger, clients, web.port)
    try:
        wait_until(lambda: len(ledger.acked) >= 8, 60, "tickets are registered")
        connection = half_an_upload(house, web, number)
        victim = wait_until_held(web)
        os.kill(victim, signal.SIGKILL)
        outcome.demand(cut_off(connection), "half an upload was answered")
        so_far = len(ledger.acked)
        wait_until(lambda: len(ledger.acked) > so_far + 8, 60, "tickets are registered beside")
    finally:
        end()
    # Whoever was being served by the killed process, or had a connection kept with it, asks once more.
    outcome.demand(ledger.statuses[0] <= 2 * clients, f"{ledger.statuses[0]} requests beside it were not answered")
    outcome.demand(web.runs(), "the web server ended with one of its processes")
    left = [str(path) for place in (temporary, house.folder / "attachments") for path in strays(house, place)]
    outcome.demand(not left, f"left behind by the upload: {left}")
    after = house.number("SELECT count(*) FROM core_attachment")
    outcome.demand(after == before, f"{after - before} attachments of half an upload")
    status, body = upload(house, number, 200_000)
    outcome.demand(status == 201, f"the same upload once more: {status} {body[:200]!r}")
    ledgers.compare(house, ledger, outcome)
    house.end(web)


def half_an_upload(house: House, web: Part, number: str) -> http.client.HTTPConnection:
    edge = "----half"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'.encode()
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    connection.putrequest("POST", f"{TICKETS}/{number}/attachments", skip_host=True)
    for name, value in {
        "Host": "localhost", "Authorization": f"Bearer {house.secrets[0]}", "Content-Length": str(2 * HALF),
        "Content-Type": f"multipart/form-data; boundary={edge}",
    }.items():  # fmt: skip
        connection.putheader(name, value)
    connection.endheaders(head + b"hello " * (HALF // 6))
    return connection


def wait_until_held(web: Part) -> int:
    """The process that has put the upload into a file nobody else can see."""
    found: list[int] = []

    def is_held() -> bool:
        found[:] = [pid for pid in web.children() if any(size > HALF // 2 for size in deleted_files(pid))]
        return bool(found)

    wait_until(is_held, 20, "a web process has taken in half of the upload")
    return found[0]


def deleted_files(pid: int) -> list[int]:
    """Sizes of the files a process holds open that have no name any more."""
    sizes = []
    for open_file in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            if "(deleted)" in str(open_file.readlink()):
                sizes.append(open_file.stat().st_size)
        except OSError:
            continue
    return sizes


def cut_off(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return True
    finally:
        connection.close()
    return False


def strays(house: House, place: Path) -> list[Path]:
    """Files there that no row knows."""
    known = {sha256 for (sha256,) in house.rows("SELECT sha256 FROM core_attachment")}
    return [path for path in place.rglob("*") if path.is_file() and path.name not in known]


# -- an export ------------------------------------------------------------------------------------------------------


def in_export(house: House, rows: int, scale: Scale, outcome: Outcome) -> None:
    """A worker dies when half of the file is written; another one writes it whole, and tickets are registered all the while."""
    from onepoint.core import exporting
    from onepoint.core.models import Export, ExportStatus

    first = copy_customers(house, rows)
    ledger = ledgers.Ledger()
    end, _threads = ledgers.begin_writers(house, ledger, 2, house.web().port)
    try:
        export = exporting.start_export("customers", query="", columns=[], file_format="xlsx", by=house.people[-1])
        worker = house.begin_worker()
        wait_until(lambda: list(exporting.folder().glob("*.unfinished")), 60, "the file is being written", pause=0.005)
        worker.kill()
        house.parts.remove(worker)
        export.refresh_from_db()
        outcome.demand(export.status == ExportStatus.RUNNING, f"the export was {export.status} when its worker died")
        page = Caller(house.web().port, house.secrets[0]).send("GET", f"{TICKETS}?limit=5").status
        outcome.demand(page == 200, f"a list while the export has no worker: {page}")
        if not scale.is_large:
            let_time_pass(house)
        began = time.monotonic()
        worker = house.begin_worker()

        def is_written() -> bool:
            export.refresh_from_db()
            return export.status not in (ExportStatus.WAITING, ExportStatus.RUNNING)

        wait_until(is_written, scale.of(240, 900), "the export is written after all", pause=0.5)
        outcome.figures |= {"rows of the export": rows, "written anew after (s)": round(time.monotonic() - began, 1)}
        outcome.demand(
            export.status in (ExportStatus.READY, ExportStatus.AWAITING) and export.done_count >= rows,
            f"the export is {export.status} with {export.done_count} rows: {export.problem}",
        )
        end()
        failed = {status: count for status, count in ledger.statuses.items() if status != 201}
        outcome.demand(not failed, f"requests that failed beside the export: {failed}")
        outcome.figures |= {
            "registered beside the export": len(ledger.acked),
            "of them the slowest (s)": round(ledger.longest, 1),
        }
        exporting.remove_expired_exports()
        left = [path.name for path in exporting.folder().iterdir() if path.name != export.storage_name]
        outcome.demand(not left, f"left behind by the export: {left}")
        Export.objects.filter(pk=export.pk).delete()
    finally:
        end()
        house.kill_all()
        house.rows("DELETE FROM customers_customer WHERE id >= %(first)s", {"first": first})


def copy_customers(house: House, count: int) -> int:
    """So many more of the one there is, compared long ago; gives the first one's id."""
    columns = [
        name for (name,) in house.rows(
            "SELECT quote_ident(column_name) FROM information_schema.columns WHERE table_name = 'customers_customer'"
            " AND column_name NOT IN ('id', 'number', 'is_compared')"
        )
    ]  # fmt: skip
    names = ", ".join(columns)
    house.rows(
        f"INSERT INTO customers_customer (number, is_compared, {names})"
        f" SELECT 'F17-' || n, true, {names} FROM generate_series(1, %(count)s) n,"
        " (SELECT * FROM customers_customer WHERE number = %(number)s) one",
        {"count": count, "number": house.complaint["customer"]},
    )
    house.rows("ANALYZE customers_customer")
    return house.number("SELECT min(id) FROM customers_customer WHERE number LIKE 'F17-%%'")
