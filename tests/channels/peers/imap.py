"""A mailbox at a real mail server: Dovecot, run without any rights, on a port and in a folder of its own."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from channels.peers.mail import free_port

PASSWORD = 'geheim "2026\\'

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def needs_dovecot() -> None:
    """CI installs it; elsewhere a machine may be without."""
    if not os.environ.get("CI") and not shutil.which("dovecot"):
        pytest.skip("dovecot is not installed (Debian: dovecot-imapd)")


class Dovecot:
    """Use as a context manager; ``put`` lays a mail into a user's folder as a mail transfer agent does."""

    def __init__(self, users: tuple[str, ...] = ("service@onepoint.example",)) -> None:
        self.folder, self.users, self.port = Path(tempfile.mkdtemp(prefix="dovecot-")), users, free_port()
        self.count = 0
        # It refuses to run as root; and nobody's folder must be nobody's.
        self.user = pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("nobody")

    def __enter__(self) -> "Dovecot":
        group = grp.getgrgid(self.user.pw_gid).gr_name
        (self.folder / "users").write_text("".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in self.users))
        (self.folder / "conf").write_text(
            _CONFIG.format(folder=self.folder, port=self.port, user=self.user.pw_name, group=group)
        )
        self._give(self.folder)
        rights = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if not os.getuid() else {}
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.folder / "conf")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **rights,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                    if probe.recv(100).startswith(b"* OK"):
                        return self
            except OSError:
                time.sleep(0.1)
            if self.process.poll() is not None:
                break
        log = self.folder / "log"
        raise AssertionError(log.read_text() if log.exists() else self.process.communicate(timeout=5))

    def _give(self, path: Path) -> None:
        """What the tests write belongs to the server."""
        for one in [path, *path.rglob("*")]:
            os.chown(one, self.user.pw_uid, self.user.pw_gid)

    def __exit__(self, *_problem: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def box(self, user: str = "", folder: str = "") -> Path:
        path = self.folder / "mail" / (user or self.users[0])
        return path / f".{folder}" if folder else path

    def put(self, raw: bytes, user: str = "", folder: str = "") -> None:
        box = self.box(user, folder)
        for part in ("new", "cur", "tmp"):
            (box / part).mkdir(parents=True, exist_ok=True)
        self.count += 1
        name = f"{int(time.time())}.{self.count:06d}.test"
        (box / "tmp" / name).write_bytes(raw)
        os.rename(box / "tmp" / name, box / "new" / name)
        self._give(self.folder / "mail")

    def number_anew(self, user: str = "") -> None:
        """As after a restore of the mail server: the same mails under another UIDVALIDITY."""
        for path in self.box(user).glob("dovecot*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        uid_list = self.box(user) / "dovecot-uidlist"
        uid_list.write_text(f"3 V{int(time.time()) + 1000} N1\n")
        self._give(self.folder / "mail")
