"""PostgreSQL refuses to run as root: which other account takes its place, and where that account may write."""

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFERRED = ("onepoint", "postgres", "nobody")
SYSTEM_FOLDER = Path("/var/lib/onepoint")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def as_arguments(self) -> dict[str, Any]:
        """Keyword arguments of ``subprocess.run`` that drop to this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def owner_or_service_account(cluster: Path) -> Account | None:
    """The account to run the server as: None (ourselves) unless we are root.

    An existing cluster keeps its owner, even if a better account has appeared since.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    if cluster.exists():
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise LookupError(f"running as root needs one of the accounts {', '.join(PREFERRED)} for PostgreSQL")


def reachable_folder(folder: Path, account: Account | None) -> Path:
    """The folder itself, or (when the account may not enter it, as under /root) a place it may, linked from there."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if account is None:
        return folder.resolve()
    if not folder.is_symlink() and not _may_enter(folder.parent, account) and not any(folder.iterdir()):
        elsewhere = SYSTEM_FOLDER / secrets.token_hex(6)
        elsewhere.mkdir(parents=True, exist_ok=True)
        folder.rmdir()
        folder.symlink_to(elsewhere)
    folder = folder.resolve()
    folder.chmod(folder.stat().st_mode | 0o111)  # entered by the account, not listed
    return folder


def _may_enter(folder: Path, account: Account) -> bool:
    for place in (folder, *folder.parents):
        facts = place.stat()
        if facts.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif facts.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not facts.st_mode & needed:
            return False
    return True
