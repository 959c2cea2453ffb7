"""The two ways an advance can decline; neither is a crash."""

from __future__ import annotations


class NotPossible(Exception):
    """The event does not apply to this state; nothing changed. `code` is stable, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Stuck(Exception):
    """A token cannot go on. Raised inside the engine only; it becomes an incident on that token."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
