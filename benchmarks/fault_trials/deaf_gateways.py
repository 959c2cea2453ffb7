"""F7 beyond webhooks: mail servers, short message centres and SMS providers out of reach, silent, broken or full of nonsense.

Each kind of gateway has one peer for each way of misbehaving, and messages that insist on it. Beside them a webhook has to
be served as if nothing were the matter; once the peers are mended everything has to arrive.
"""

import re
import socket
import struct
import threading
import time
from contextlib import ExitStack
from typing import Any

from fault_trials.hanging_peers import (
    FullQueue,
    Peer,
    demand_patience,
    demand_short_transactions,
    mend,
)
from fault_trials.house import House, wait_until
from fault_trials.trials import Outcome, Scale, register_trial
from fault_trials.watching import IDLE_TRANSACTION, watch_longest

KEY = re.compile(rb"f7g-[a-z]+-[a-z]+-[0-9]+x")
NONSENSE = b"<html>\0\xff\xfe 502 Bad Gateway</html>\r\n" * 20
WAYS = ("refuses", "hangs", "silent", "drips", "resets", "greets", "mumbles")
GOOD_SECONDS = 30


class GatewayPeer:
    """One peer at a port of its own: misbehaves in its ``way`` until it is mended, and then talks as its kind should.

    refuses: nobody listens · hangs: no connection comes about · silent: accepts and says nothing · drips: a byte a second · resets: breaks off ·
    greets: nonsense instead of a greeting · mumbles: nonsense instead of the answer to the message itself.
    """

    def __init__(self, kind: str, way: str) -> None:
        self.kind, self.way = kind, way
        self.mended, self.closed = threading.Event(), threading.Event()
        self.taken: list[bytes] = []
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.queue = FullQueue(self.socket) if way == "hangs" else None
        if way not in ("refuses", "hangs"):
            self._listen()

    def _listen(self) -> None:
        self.socket.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def mend(self) -> None:
        self.mended.set()
        if self.queue is not None:
            self.queue.empty()
        if self.way in ("refuses", "hangs"):
            self._listen()

    def close(self) -> None:
        self.mended.set()
        self.closed.set()
        self.socket.close()

    def _serve(self) -> None:
        while not self.closed.is_set():
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                if self.mended.is_set() or self.way == "mumbles":
                    TALKS[self.kind](self, connection)
                else:
                    self._misbehave(connection)
            except OSError:
                pass

    def _misbehave(self, connection: socket.socket) -> None:
        if self.way == "silent":
            self.mended.wait(60)
        elif self.way == "drips":
            for byte in b"2" * 60:
                connection.sendall(bytes([byte]))
                if self.mended.wait(1.0):
                    return
        elif self.way == "resets":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.sendall(NONSENSE)

    def take(self, raw: bytes) -> bool:
        """Note the message; False where the answer is to be nonsense."""
        if not self.mended.is_set():
            return False
        self.taken += KEY.findall(raw)
        return True


def talk_smtp(peer: GatewayPeer, connection: socket.socket) -> None:
    """As much of RFC 5321 as takes a message over. Mumbles at the recipient and at the end of the text in turn."""
    stream = connection.makefile("rwb")

    def say(answer: bytes) -> None:
        stream.write(answer)
        stream.flush()

    say(b"220 here\r\n")
    mumbles_early = time.monotonic_ns() // 1000 % 2 == 0
    while line := stream.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            say(b"354 go on\r\n")
            text = b""
            while not text.endswith(b"\r\n.\r\n"):
                text += stream.readline()
            say(b"250 taken\r\n" if peer.take(text) else NONSENSE)
        elif verb == b"RCPT" and mumbles_early and not peer.mended.is_set():
            say(NONSENSE)
        elif verb == b"QUIT":
            say(b"221 bye\r\n")
            return
        else:
            say(b"250 yes\r\n")


def talk_smpp(peer: GatewayPeer, connection: socket.socket) -> None:
    """As much of SMPP 3.4 as takes a message over."""
    from onepoint.channels.providers.smpp import pdu

    stream = connection.makefile("rb")
    while len(head := stream.read(pdu.HEADER.size)) == pdu.HEADER.size:
        unit = pdu.unpack(head + stream.read(pdu.length_of(head) - pdu.HEADER.size))
        if unit.command & pdu.RESPONSE:
            continue
        body = b""
        if unit.command == pdu.SUBMIT_SM:
            if not peer.take(unit.body):
                connection.sendall(NONSENSE)
                return
            body = b"%d\0" % unit.sequence
        elif unit.command == pdu.BIND_TRANSCEIVER:
            body = b"centre\0"
        connection.sendall(pdu.Pdu(unit.command | pdu.RESPONSE, 0, unit.sequence, body).pack())


def talk_http(peer: GatewayPeer, connection: socket.socket) -> None:
    """One request; the answer is JSON, or a page of somebody else's where it mumbles."""
    stream = connection.makefile("rb")
    length = 0
    while (line := stream.readline()).strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body = b'{"code": 0}' if peer.take(stream.read(length)) else NONSENSE
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))


TALKS = {"smtp": talk_smtp, "smpp": talk_smpp, "http": talk_http}


@register_trial(
    "F7-sms",
    "Mail servers and SMS peers that hang, refuse or talk nonsense: others go on, all arrives once they are back",
)
def deafen(house: House, scale: Scale, outcome: Outcome) -> None:
    house.kill_all()
    count = scale.of(2, 50)
    with ExitStack() as stack:
        good = Peer(None)
        stack.callback(good.close)
        peers = [GatewayPeer(kind, way) for kind in TALKS for way in WAYS]
        for peer in peers:
            stack.callback(peer.close)
        write_messages(peers, good, count)
        worker = house.begin_worker()
        began = time.monotonic()
        longest = watch_longest(house, stack, IDLE_TRANSACTION)
        wait_until(lambda: len(good.taken) >= 10 * count, 60, "the good peer is served beside the bad ones")
        outcome.figures["the good peer served after (s)"] = round(time.monotonic() - began, 1)
        outcome.demand(time.monotonic() - began < GOOD_SECONDS, "the good peer had to wait for the bad ones")
        wait_until(lambda: not untried(house), 90, lambda: f"all bad peers are tried, {untried(house)} too")
        # Who answers at all, if only nonsense, is not left alone.
        opened = {f"{peer.kind} {peer.way}": when_open(house, peer) for peer in peers if peer.way != "mumbles"}
        time.sleep(scale.seconds(12, 900))
        durations = longest_tries(house)
        early = [f"{peer.kind} {peer.way}" for peer in peers if peer.taken]
        outcome.demand(not early, f"taken over before they were mended: {early}")
        mend(house, peers)
        back = wait_until(lambda: not left(house), 120, "everything is sent once the peers are back", pause=0.5)
        outcome.figures |= {
            "peers": len(peers),
            "all delivered after (s)": round(back, 1),
        }
        demand_patience(opened, durations, scale, outcome)
        demand_short_transactions(longest(), scale, outcome)
        for peer in peers:
            arrived = sorted(set(peer.taken))
            outcome.demand(len(arrived) == count, f"{peer.kind} {peer.way}: {len(arrived)} of {count} arrived")
        for key, error in house.rows(
            "SELECT key, last_error FROM channels_outgoingmessage WHERE key LIKE 'f7g-%%' AND state <> 'sent'"
        ):
            outcome.faults.append(f"{key} was given up: {error}")
        house.end(worker)
        house.rows("UPDATE channels_gateway SET is_active = false WHERE name LIKE 'f7g%%'")


def write_messages(peers: list[GatewayPeer], good: Peer, count: int) -> None:
    """A gateway for each peer and its messages; many more for the one that answers."""
    from onepoint.channels import services

    for peer in peers:
        provider, settings, secrets = settings_of(peer)
        gateway = services.create_gateway(
            name=f"f7g {peer.kind} {peer.way}", provider=provider, settings=settings, secrets=secrets, connections=1,
            by=None,
        )  # fmt: skip
        for number in range(count):
            key = f"f7g-{peer.kind}-{peer.way}-{number}x"
            address = f"{number}@example.com" if peer.kind == "smtp" else f"1390000{number:04}"
            services.send_message(
                medium=gateway.medium, address=address, key=key, text=key, subject="f7", gateway=gateway, by=None
            )
    services.create_gateway(
        name="f7g good", provider="webhook", settings={"allows_private": True}, secrets={"secret": "faults"}, by=None
    )
    for number in range(10 * count):
        services.send_message(medium="webhook", address=good.url, key=f"f7g-good-{number}", text="{}", by=None)


def settings_of(peer: GatewayPeer) -> tuple[str, dict[str, Any], dict[str, str]]:
    if peer.kind == "smtp":
        at = {"host": "127.0.0.1", "port": peer.port, "encryption": "none", "sender": "house@example.com"}
        return "smtp", at, {}
    if peer.kind == "smpp":
        return "smpp", {"host": "127.0.0.1", "port": peer.port, "system_id": "faults"}, {"password": "faults"}
    asks = {"url": f"http://127.0.0.1:{peer.port}/", "allows_private": True, "succeeded": "body.code = 0"}
    return "http_sms", {**asks, "fields": "mobile={address}\ntext={text}"}, {}


def when_open(house: House, peer: GatewayPeer) -> float:
    """Seconds from the first try of a gateway until it was left alone."""
    statement = (
        "SELECT extract(epoch FROM opened_at - (SELECT min(began_at) FROM channels_deliveryattempt"
        "  WHERE gateway_name = gateway.name)) FROM channels_gateway gateway"
        " JOIN channels_circuit circuit ON circuit.gateway_id = gateway.id"
        " WHERE gateway.name = %(name)s AND circuit.peer = '' AND opened_at IS NOT NULL"
    )
    facts = {"name": f"f7g {peer.kind} {peer.way}"}
    wait_until(lambda: house.rows(statement, facts), 120, f"the circuit of {facts['name']} opens")
    return float(house.rows(statement, facts)[0][0])


def longest_tries(house: House) -> dict[str, float]:
    found = house.rows(
        "SELECT gateway_name, extract(epoch FROM max(duration)) FROM channels_deliveryattempt"
        " WHERE gateway_name LIKE 'f7g%%' GROUP BY 1"
    )
    return {name.removeprefix("f7g "): float(seconds) for name, seconds in found}


def untried(house: House) -> list[str]:
    """Gateways of which no message has failed yet."""
    found = house.rows(
        "SELECT gateway.name FROM channels_gateway gateway WHERE name LIKE 'f7g%%' AND provider <> 'webhook' AND NOT EXISTS"
        " (SELECT 1 FROM channels_outgoingmessage WHERE wanted_gateway_id = gateway.id AND last_error <> '')"
    )
    return [name for (name,) in found]


def left(house: House) -> int:
    return house.number(
        "SELECT count(*) FROM channels_outgoingmessage WHERE key LIKE 'f7g-%%' AND state IN ('queued', 'sending', 'retry')"
    )
