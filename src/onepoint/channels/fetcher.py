"""The threads of a worker that fetch mail: one for each mailbox it could claim, kept open while the server tells of news.

Ticks and not jobs: a mailbox is waited at for hours, and a job would hold one of the few places all the time.
"""

import logging
import threading
import time

from django.db import close_old_connections, connection

from onepoint.channels.imap import Folder, MailServerError
from onepoint.channels.services import mailboxes as services

log = logging.getLogger(__name__)

CLAIM_SECONDS = 5.0
WAIT_SECONDS = 20.0  # the lease is renewed between two waits
LONGEST_VISIT = 25 * 60.0  # servers end a connection that waits for longer than half an hour
END_SECONDS = 10.0


class Visit(threading.Thread):
    """One connection to one mailbox."""

    def __init__(self, hold: services.Hold) -> None:
        super().__init__(name=f"mailbox-{hold.mailbox.pk}", daemon=True)
        self.hold = hold
        self.stopped = threading.Event()

    def run(self) -> None:
        try:
            problem = self.visit()
            services.let_go(self.hold, problem=problem, at_once=self.stopped.is_set())
        except Exception:  # the lease runs out and the next visit tries again
            log.exception("the visit of %s failed", self.name)
        finally:
            connection.close()

    def visit(self) -> str:
        """Fetch, wait, fetch …; returns why it ended, empty where nothing is wrong."""
        try:
            folder = Folder(services.place_of(self.hold.mailbox))
        except MailServerError as problem:
            return problem.reason
        began = time.monotonic()
        try:
            while not self.stopped.is_set():
                services.fetch_mails(self.hold, folder, is_stopped=self.stopped.is_set)
                if not self.rests(folder, began):
                    break
        except MailServerError as problem:
            return problem.reason
        except services.HoldLost:
            return ""
        finally:
            folder.close()
        return ""

    def rests(self, folder: Folder, began: float) -> bool:
        """Wait for news; False when this visit is to end."""
        if not (self.hold.mailbox.waits and folder.can_wait):
            return False
        looked_at = time.monotonic()
        while not self.stopped.is_set() and services.keep_hold(self.hold):
            close_old_connections()
            news = folder.wait(WAIT_SECONDS, self.stopped.is_set)
            if news or time.monotonic() - looked_at > self.hold.mailbox.poll_seconds * 5:
                return True  # now and then it is looked into without being told: some servers forget to
            if time.monotonic() - began > LONGEST_VISIT:
                return False
        return False


class Fetcher:
    """Claims mailboxes that are due and visits each in a thread of its own."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.claimed_at = 0.0

    def tick(self) -> None:
        """Called about once a second; only claims, never fetches."""
        self.visits = [visit for visit in self.visits if visit.is_alive()]
        if time.monotonic() - self.claimed_at < CLAIM_SECONDS:
            return
        self.claimed_at = time.monotonic()
        while (hold := services.claim_mailbox()) is not None:
            visit = Visit(hold)
            self.visits.append(visit)
            visit.start()

    def end(self) -> None:
        """Let every visit finish the mail it is at and give its mailbox back."""
        visits, self.visits = self.visits, []
        for visit in visits:
            visit.stopped.set()
        deadline = time.monotonic() + END_SECONDS
        for visit in visits:
            visit.join(max(deadline - time.monotonic(), 0.0))
