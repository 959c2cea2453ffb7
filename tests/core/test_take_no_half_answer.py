"""An answer that breaks off is none: nobody knows what the other side did."""

import socket
import threading

import pytest

from onepoint.core import outgoing_http


def answered(answer: bytes) -> outgoing_http.Answer:
    """What becomes of a call that is answered by these bytes and the end of the connection."""
    with socket.create_server(("127.0.0.1", 0)) as peer:

        def answer_once() -> None:
            connection, _address = peer.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)

        threading.Thread(target=answer_once, daemon=True).start()
        address = f"http://127.0.0.1:{peer.getsockname()[1]}/"
        return outgoing_http.post(address, b"{}", {}, allows_private=True)


@pytest.mark.parametrize("length", [b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n64\r\n"])
def test_half_an_answer_may_mean_anything(length: bytes) -> None:
    with pytest.raises(outgoing_http.NoAnswer) as problem:
        answered(b"HTTP/1.1 200 OK\r\n" + length + b"half")
    assert problem.value.is_sent


@pytest.mark.parametrize("length", [b"Content-Length: 4\r\n\r\n", b"\r\n"])
def test_a_whole_answer_is_one(length: bytes) -> None:
    assert answered(b"HTTP/1.1 200 OK\r\n" + length + b"half").body == b"half"


def test_of_a_long_answer_the_beginning_will_do() -> None:
    size = outgoing_http.MOST_BYTES + 100
    answer = answered(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
    assert len(answer.body) == outgoing_http.MOST_BYTES
