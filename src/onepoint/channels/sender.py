"""The threads of a worker that send: one lane per connection of each gateway, woken by the tick of each second.

Ticks and not jobs: a job would wait behind others and hold one of the few places for as long as a gateway takes to
answer. A lane works until nothing is left, so that the second matters only to the first message.
"""

import logging
import threading
import time

from django.db import close_old_connections, connection

from onepoint.channels.models import Gateway
from onepoint.channels.providers import providers
from onepoint.channels.providers.interface import SendError, Session
from onepoint.channels.queries import outbox as queries
from onepoint.channels.services import breaking, claiming, recording, sending
from onepoint.core import clock

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
IDLE_CLOSES_DATABASE = 30.0
END_SECONDS = 15.0


class Lane(threading.Thread):
    """One connection to one gateway, with the settings it had at ``revision``."""

    def __init__(self, gateway: Gateway, number: int) -> None:
        super().__init__(name=f"gateway-{gateway.pk}-{number}", daemon=True)
        self.gateway, self.number = gateway, number
        self.stopped, self.wakened = threading.Event(), threading.Event()
        provider = providers().get(gateway.provider)
        self.listens = provider is not None and provider.stays_open
        self.session: Session | None = None
        self.worked_at = time.monotonic()
        self.listens_again_at = 0.0
        self.was_lost = False

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                self.wakened.clear()
                while not self.stopped.is_set() and self.turn():
                    self.worked_at = time.monotonic()
                self.rest()
            except Exception:  # the next tick tries again
                log.exception("the lane %s failed", self.name)
                self.end_session()
                close_old_connections()
                self.stopped.wait(1.0)
        self.end_session()
        connection.close()

    def turn(self) -> bool:
        """Send what there is; False when there was nothing."""
        claim = claiming.claim_messages(self.gateway.pk)
        if claim is None:
            return False
        try:
            session = self.opened()
        except SendError as error:
            recording.record_failure(claim, claim.messages[0], error, began_at=clock.now())
            claiming.give_back(claim, claim.messages[1:])
            return False
        sending.send_claimed(claim, session, self.stopped.is_set)
        return True

    def opened(self) -> Session:
        if self.session is None:
            self.session = sending.open_session(self.gateway)
        return self.session

    def rest(self) -> None:
        """Wait to be wakened; where receipts come by the same connection, listen meanwhile."""
        if self.listens and time.monotonic() >= self.listens_again_at:
            try:
                self.opened().idle(1.0)
                if self.was_lost:
                    breaking.note_success(self.gateway, "")
                    self.was_lost = False
            except SendError as error:
                breaking.note_failure(self.gateway, "", error.reason)
                self.was_lost = True
                self.listens_again_at = time.monotonic() + breaking.LEFT_ALONE.total_seconds()
        else:
            self.wakened.wait(1.0)
            if self.session is not None:
                self.session.idle(0.0)
        if time.monotonic() - self.worked_at > IDLE_CLOSES_DATABASE:
            connection.close()
            self.worked_at = time.monotonic()

    def end_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            try:
                session.close()
            except Exception:  # it is being thrown away
                log.warning("closing a connection of %s failed", self.gateway, exc_info=True)


class Sender:
    """Keeps as many lanes as the gateways ask for, and wakes those that have something to do."""

    def __init__(self) -> None:
        self.lanes: dict[tuple[int, int, int], Lane] = {}  # gateway, revision, number
        self.swept_at = 0.0

    def tick(self) -> None:
        """Called about once a second; only asks and wakes, never sends."""
        gateways = {gateway.pk: gateway for gateway in queries.active_gateways()}
        self._arrange(list(gateways.values()))
        if gateways:
            due = claiming.due_media()
            for lane in self.lanes.values():
                if lane.gateway.medium in due:
                    lane.wakened.set()
        if time.monotonic() - self.swept_at > SWEEP_SECONDS:
            self.swept_at = time.monotonic()
            recording.rescue_messages()
            recording.expire_messages()

    def _arrange(self, gateways: list[Gateway]) -> None:
        wanted = {
            (gateway.pk, gateway.revision, number): gateway
            for gateway in gateways
            for number in range(gateway.connections)
        }
        for key, lane in list(self.lanes.items()):
            if key not in wanted or not lane.is_alive():
                lane.stopped.set()
                lane.wakened.set()
                del self.lanes[key]
        for key, gateway in wanted.items():
            if key not in self.lanes:
                self.lanes[key] = Lane(gateway, key[2])
                self.lanes[key].start()

    def end(self) -> None:
        """Let every lane finish the message it is at."""
        lanes, self.lanes = list(self.lanes.values()), {}
        for lane in lanes:
            lane.stopped.set()
            lane.wakened.set()
        deadline = time.monotonic() + END_SECONDS
        for lane in lanes:
            lane.join(max(deadline - time.monotonic(), 0.0))
