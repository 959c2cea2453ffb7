"""Ten thousand mails in one go (reliability F10): what the house makes of them, and how long an ordinary mail waits meanwhile.

    .venv/bin/python benchmarks/mail_storm.py [--mails 10000] [--variants marked unmarked ours many] [--restart]

``marked``: an auto-responder that says so (a); ``unmarked``: one that does not, with ever new subjects and words (b); ``ours``:
two of our own mailboxes at each other (c); ``many``: as many different senders (d). A real Dovecot holds the mails, a real worker
fetches and files them, a real SMTP server (aiosmtpd) takes the answers. Half way a customer's mail lies among them; it counts
from the moment the worker starts, so on a slow machine its wait holds the fetching of what lies before it.

With ``--restart`` the worker is asked to end (SIGTERM) at a third of the way and another one goes on: it must be gone within
30 seconds, the time its supervisor leaves it, and nothing may be lost or come twice.

Uses ONEPOINT_DATABASE_URL if set (use a database of its own; it gets rows), else an embedded server in a temporary folder.
Exit code 1 when a promise of F10 is broken; the waits are only printed.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks"), str(ROOT / "tests")]

from steps import database, setup  # noqa: E402

OURS = ("service@onepoint.example", "sales@onepoint.example")
LIMIT_SECONDS = 3600
MOST_ENDING = 30.0  # what docs/how-to/run_in_production.md promises


def letter(number: str, sender: str, subject: str, text: str, **headers: str) -> bytes:
    fields = {
        "From": sender, "To": OURS[0], "Subject": subject, "Message-ID": f"<{number}@example.net>",
        "Date": "Mon, 23 Nov 2026 10:00:00 +0800", "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    return ("".join(f"{name}: {value}\r\n" for name, value in fields.items()) + f"\r\n{text}\r\n").encode()


def word(number: int) -> str:
    """A word of its own for each number, without digits."""
    return "".join(chr(97 + int(digit)) for digit in str(number))


def storm(variant: str, number: int) -> bytes:
    name = f"{variant}{number}"
    if variant == "marked":
        return letter(name, "away@marked.example", f"Re: {number}", "Ich bin nicht da.", Auto_Submitted="auto-replied")
    if variant == "unmarked":
        return letter(name, "robot@unmarked.example", f"Case {number}", f"We work on {word(number)}.")
    if variant == "ours":
        return letter(name, OURS[number % 2], f"Re: {number}", "收到", X_Onepoint_Loop=OURS[number % 2])
    return letter(name, f"u{number}@many.example", f"话费 {word(number)}", f"账单有误 {word(number)}")


def fill(box: Path, variant: str, count: int, give: Any) -> None:
    """The storm, and half way the mail of a customer we know."""
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (box / "new" / f"{int(time.time())}.{variant}{number:06d}.storm").write_bytes(storm(variant, number))
        if number == count // 2:
            raw = letter(f"ordinary-{variant}", "wang@example.com", f"宽带 {variant}", "宽带断了，请派人来看。")
            (box / "new" / f"{int(time.time())}.{variant}{number:06d}x.ordinary").write_bytes(raw)
    give()


def prepare(imap_port: int, smtp_port: int, password: str) -> None:
    from onepoint.accounts.models import Role, RoleGrant, User
    from onepoint.channels import services as channel_services
    from onepoint.channels.services import mailboxes
    from onepoint.customers import services as customers
    from onepoint.customers.queries.addresses import customers_of_email
    from onepoint.customers.services import NewAccount
    from onepoint.demo.organisation import build_regions, build_units
    from onepoint.demo.starter import load_starter
    from onepoint.tickets.models import Category

    load_starter()
    units = build_units(build_regions())
    unit = next(unit for unit in units.values() if unit.region and unit.region.parent)
    keeper = User.objects.create(username=f"storm-{os.getpid()}", name="管理员", name_key="g", unit=unit)
    RoleGrant.objects.create(user=keeper, role=Role.objects.get(code="admin"), unit=unit)
    leaves = Category.objects.for_kind("complaint").filter(is_active=True, children=None, process_key="complaint")
    category = leaves.filter(form_key="", parent__form_key="").order_by("path").first()
    assert category is not None
    if not customers_of_email("wang@example.com"):  # a second run on the same database
        customers.create_customer(
            by=None, name="王小明", region=unit.region, accounts=[NewAccount("wang@example.com", "email")]
        )
    gateway = channel_services.create_gateway(
        provider="smtp", name="storm", by=None,
        settings={"host": "127.0.0.1", "port": smtp_port, "encryption": "none", "sender": OURS[0]},
    )  # fmt: skip
    for name, address in (("storm", OURS[0]), ("storm 2", OURS[1])):
        mailboxes.create_mailbox(
            values={
                "name": name, "address": address, "host": "127.0.0.1", "port": imap_port, "encryption": "none",
                "username": address, "unit": unit, "category_code": category.code, "ticket_kind": "complaint",
                "acknowledgement": "您的来信已收到，工单号 {ticket}。", "gateway": gateway,
            },
            password=password, is_active=address == OURS[0], by=None,
        )  # fmt: skip


def resident(pid: int) -> int:
    """Megabytes of memory of a process and its children."""
    pids = [pid, *(int(one) for one in _children(pid))]
    pages = 0
    for one in pids:
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024**2


def _children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


@dataclass
class Drained:
    """How a worker came through: memory after a tenth and at most in MB, the longest an asked worker took to end."""

    seconds: float
    early: int
    most: int
    ending: float


def start_worker() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "onepoint.config.worker"]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, stderr=subprocess.DEVNULL)


def end_worker(worker: "subprocess.Popen[bytes]") -> float:
    """Ask it to end, as whoever watches over it does; seconds until it is gone."""
    began = time.monotonic()
    worker.terminate()
    try:
        worker.wait(2 * MOST_ENDING)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    return time.monotonic() - began


def drain(before: int, count: int, restarts: bool) -> Drained:
    """Let a worker fetch and file so many mails."""
    from onepoint.channels.models import IncomingMail, Mailbox

    Mailbox.objects.update(next_fetch_at=None, lease=None, leased_until=None)
    worker = start_worker()
    began, early, most, ending = time.monotonic(), 0, 0, 0.0
    try:
        while True:
            time.sleep(0.5)
            most = max(most, resident(worker.pid))
            done = IncomingMail.objects.exclude(state="received").count() - before
            early = early or (most if done >= count // 10 else 0)
            if done >= count:
                seconds = time.monotonic() - began
                break
            if time.monotonic() - began > LIMIT_SECONDS:
                raise SystemExit(f"after an hour {done} of {count} mails are filed")
            if restarts and done >= count // 3:
                restarts, ending = False, end_worker(worker)
                worker = start_worker()
    finally:
        ending = max(ending, end_worker(worker))
    return Drained(seconds, early, most, ending)


def judged(variant: str, count: int, answered: Counter[str], ordinary: Any) -> list[str]:
    """What is wrong, by F10."""
    from onepoint.channels.models import IncomingMail, MutedSender
    from onepoint.notifications.models import Notification
    from onepoint.tickets.models import Ticket

    faults = []
    mails = IncomingMail.objects.filter(message_id__startswith=f"<{variant}")
    tickets = Ticket.objects.filter(number__in=mails.exclude(ticket_number="").values("ticket_number")).count()
    replies = sum(times for address, times in answered.items() if address != "wang@example.com")
    muted = MutedSender.objects.filter(address__endswith=f"@{variant}.example")
    alerts = Notification.objects.filter(event="mail.sender_muted", subject_id__in=muted.values("pk")).count()
    print(f"{'  tickets made, answers sent':44} {tickets:8} {replies:8}")
    print(f"{'  senders muted, alerts':44} {muted.count():8} {alerts:8}")
    print(f"{'  what became of them':44} {dict(Counter(mails.values_list('state', flat=True)))}")
    if mails.count() != count:
        faults.append(f"{variant}: {mails.count()} of {count} mails are here")
    if variant in ("marked", "ours") and (replies or tickets):
        faults.append(f"{variant}: {replies} answers, {tickets} tickets")
    if variant == "unmarked" and (replies > 10 or tickets > 1 or (count > 100 and not (muted.exists() and alerts))):
        faults.append(f"unmarked: {replies} answers, {tickets} tickets, {alerts} alerts")
    if variant == "many" and tickets != count:
        faults.append(f"many: {tickets} tickets of {count} people")
    if ordinary is None or ordinary.state != "filed" or not ordinary.ticket_number:
        faults.append(f"{variant}: the ordinary mail is {ordinary and ordinary.state}")
    return faults


def blow(variant: str, count: int, server: Any, smtp: Any, *, restarts: bool) -> list[str]:
    from onepoint.channels.models import IncomingMail
    from onepoint.core import clock

    fill(server.box(OURS[0]), variant, count, lambda: server._give(server.folder / "mail"))
    before, answered = IncomingMail.objects.count(), len(smtp.recipients)
    # The sender of an earlier variant's ordinary mail goes on with it within some minutes; here each is a matter of its own.
    IncomingMail.objects.update(received_at=clock.now() - timedelta(days=2))
    started = clock.now()
    run = drain(before, count + 1, restarts)
    ordinary = IncomingMail.objects.filter(message_id=f"<ordinary-{variant}@example.net>").first()
    print(f"{variant}: {count} mails", flush=True)
    print(f"{'  drained: seconds, mails a second':44} {run.seconds:8.1f} {(count + 1) / run.seconds:8.1f}")
    print(f"{'  memory of the worker: early, most (MB)':44} {run.early:8} {run.most:8}")
    print(f"{'  worker gone after SIGTERM: seconds':44} {run.ending:8.1f}")
    if ordinary and ordinary.filed_at:
        waited = (ordinary.filed_at - started).total_seconds()
        read = (ordinary.filed_at - ordinary.received_at).total_seconds()
        print(f"{'  the ordinary mail: filed after, once fetched':44} {waited:8.1f} {read:8.1f}")
    time.sleep(3)  # what was to be sent leaves
    faults = judged(variant, count, Counter(smtp.recipients[answered:]), ordinary)
    if run.early and run.most > run.early * 1.5 + 50:
        faults.append(f"{variant}: memory grew from {run.early} to {run.most} MB")
    if run.ending > MOST_ENDING:
        faults.append(f"{variant}: the worker took {run.ending:.0f} s to end")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--variants", nargs="+", default=["marked", "unmarked", "ours", "many"])
    parser.add_argument("--restart", action="store_true", help="end the worker on the way and start another")
    chosen = parser.parse_args()
    with database() as url, tempfile.TemporaryDirectory(prefix="onepoint-storm-") as files:
        os.environ["ONEPOINT_DATABASE_URL"] = url
        os.environ.setdefault("ONEPOINT_DATA_DIR", files)
        setup()
        from django.core.management import call_command

        from channels.peers.imap import PASSWORD, Dovecot
        from channels.peers.mail import MailServer

        call_command("migrate", verbosity=0)
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        with Dovecot(OURS) as server, MailServer() as smtp:
            prepare(server.port, smtp.port, PASSWORD)
            faults = [
                fault
                for variant in chosen.variants
                for fault in blow(variant, chosen.mails, server, smtp, restarts=chosen.restart)
            ]
    print(f"{'faults':44} {len(faults):8}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
