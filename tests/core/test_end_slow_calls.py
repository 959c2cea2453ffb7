"""A call out of the house ends in its time, at whatever the other side is slow."""

import socket
import threading
import time

import pytest

from onepoint.core import outgoing_http

SECONDS = 4.0


def test_a_slow_connection_leaves_the_less_time_to_shake_hands() -> None:
    with socket.socket() as peer, socket.socket() as first:
        peer.bind(("127.0.0.1", 0))
        peer.listen(0)
        first.connect(peer.getsockname())  # the queue is full: the next one is let in only when it knocks once more

        def let_in() -> None:
            time.sleep(1.5)
            peer.accept()[0].close()  # who knocks at the third second finds a place, and silence

        threading.Thread(target=let_in, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(outgoing_http.NoAnswer):
            outgoing_http.post(
                f"https://localhost:{peer.getsockname()[1]}/", b"", {}, allows_private=True, seconds=SECONDS
            )
        assert SECONDS - 0.5 < time.monotonic() - began < SECONDS + 1.5
