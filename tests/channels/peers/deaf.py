"""A peer that misbehaves: takes connections and says nothing, or says bytes one by one, or nonsense."""

import socket
import threading
import time


class RawPeer:
    """Accepts connections and sends ``says`` (all at once, or a byte each ``pause`` seconds), keeping what it hears."""

    def __init__(self, says: bytes = b"", *, pause: float = 0.0, hangs_up: bool = False) -> None:
        self.says, self.pause, self.hangs_up = says, pause, hangs_up
        self.heard = bytearray()
        self.connections = 0
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = int(self.socket.getsockname()[1])

    def __enter__(self) -> "RawPeer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        threading.Thread(target=self._listen, args=[connection], daemon=True).start()
        try:
            if not self.pause:
                connection.sendall(self.says)
            while self.pause:
                for byte in self.says or b" ":
                    connection.sendall(bytes([byte]))
                    time.sleep(self.pause)
            if self.hangs_up:
                connection.close()
        except OSError:
            pass

    def _listen(self, connection: socket.socket) -> None:
        try:
            while piece := connection.recv(4096):
                self.heard += piece
        except OSError:
            pass
