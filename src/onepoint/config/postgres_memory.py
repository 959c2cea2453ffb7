"""How much memory the embedded PostgreSQL is told to use: a share of what this machine, or this container, has.

The server shares the machine with the web and worker processes, so it takes an eighth for itself (a server of its own would
get a quarter) and counts on half of all being the operating system's cache of its files.
"""

import os
from pathlib import Path

MEGABYTE = 1024 * 1024
#: Where control groups say how much a container may use: version 2, then version 1. A word or a huge number: no limit.
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def usable_memory(limits: tuple[Path, ...] = LIMITS) -> int:
    """Bytes this machine has, or the container may use; 0 where the system does not say."""
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not POSIX
        return 0
    return min([installed, *filter(None, map(_limit, limits))])


def _limit(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def memory_settings(memory: int) -> dict[str, str]:
    """PostgreSQL's settings for a machine with so many bytes; those of a small one where nobody knows."""
    return {
        "shared_buffers": _share(memory, 8, lowest=128, highest=8192),
        "effective_cache_size": _share(memory, 2, lowest=512, highest=1024 * 1024),
        # Each sort of each of up to a hundred connections may use it.
        "work_mem": _share(memory, 1024, lowest=4, highest=64),
        "maintenance_work_mem": _share(memory, 32, lowest=64, highest=1024),
    }


def _share(memory: int, part: int, *, lowest: int, highest: int) -> str:
    return f"{min(max(memory // part // MEGABYTE, lowest), highest)}MB"
