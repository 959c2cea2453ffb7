"""Whether this process is about to end: what works for long looks here, and leaves the rest to the next process."""

import threading

_ending = threading.Event()


def begin_to_end() -> None:
    """Somebody asked this process to end (SIGTERM); there is no way back."""
    _ending.set()


def is_ending() -> bool:
    """Whether to leave after the piece of work at hand; asking costs nothing."""
    return _ending.is_set()
