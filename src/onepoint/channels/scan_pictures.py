"""Pillow, held to a time and a memory: run as a program it reads one picture and may be killed over it.

A picture of some kilobytes can take minutes to unpack (a JPEG of a thousand passes) or ask for gigabytes; its decoders
are large, and what breaks them ends the process they run in. Nothing of the house is imported here.
"""

import io
import json
import resource
import subprocess
import sys
import warnings

from PIL import ExifTags, Image, ImageOps

MOST_PAGES = 200
MOST_PIXELS = 60_000_000  # of one page: A3 at 600 dpi is 70 million, at 400 dpi 31 million
SHOWN_WIDTH = 1400
SECONDS = 3  # of work; the largest page in colour takes about one
BYTES = 640 * 1024 * 1024  # of addresses; the largest page in colour takes 240 MB, a sixth is taken before it begins
_LATEST = 30.0  # seconds by the clock on the wall, of a machine that is up to much else


class NotReadable(Exception):
    """It is damaged, or it asks for too much."""


class TooManyPages(NotReadable):
    """More than anybody sends in one file."""


class TooLarge(NotReadable):
    """A page says that it is larger than paper: ``width``, ``height`` in pixels."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.width, self.height = width, height


def count(content: bytes, kind: str) -> int:
    """How many pages a picture of that kind, as Pillow calls it, has. Raises NotReadable."""
    facts, _made = _asked(kind, None, content)
    return facts["pages"]


def drawn(content: bytes, kind: str, page: int) -> bytes | None:
    """One page (from 0) as PNG, not wider than a screen; None where there is none. Raises NotReadable."""
    _facts, made = _asked(kind, page, content)
    return made or None


def _asked(kind: str, page: int | None, content: bytes) -> tuple[dict[str, int], bytes]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", __file__, json.dumps([kind, page])], input=content, capture_output=True,
            timeout=_LATEST, check=True,
        )  # fmt: skip
    except subprocess.SubprocessError as killed:
        raise NotReadable from killed
    line, _end, made = done.stdout.partition(b"\n")
    facts: dict[str, int] = json.loads(line)
    if "width" in facts:
        raise TooLarge(facts["width"], facts["height"])
    if facts.get("pages", 0) > MOST_PAGES:
        raise TooManyPages
    return facts, made


def _opened(content: bytes, kind: str) -> Image.Image:
    warnings.simplefilter("ignore")  # its own warning of large pictures: we judge them ourselves
    return Image.open(io.BytesIO(content), formats=[kind])


def _judge(picture: Image.Image) -> None:
    width, height = picture.size
    if not 0 < width * height <= MOST_PIXELS:
        raise TooLarge(width, height)


def _count(content: bytes, kind: str) -> int:
    """Only sizes written in the file are read. Moving pictures count as their first one: only TIFF has pages."""
    with _opened(content, kind) as picture:
        pages = 0
        while True:
            _judge(picture)
            pages += 1
            if kind != "TIFF" or pages > MOST_PAGES:
                return pages
            try:
                picture.seek(pages)
            except EOFError:
                return pages


def _drawn(content: bytes, kind: str, page: int) -> bytes:
    """Made small before anything else is done to it: a whole page in colour is 240 MB."""
    if page and kind != "TIFF":
        return b""
    with _opened(content, kind) as picture:
        try:
            picture.seek(page)
        except EOFError:
            return b""
        _judge(picture)
        picture.draft(None, (SHOWN_WIDTH, SHOWN_WIDTH))
        picture.load()  # a TIFF is turned by it
        shown: Image.Image = picture
        is_turned = picture.getexif().get(ExifTags.Base.Orientation, 1) > 4
        if shown.mode not in ("L", "LA", "RGB", "RGBA", "RGBX", "CMYK"):
            shown = shown.convert("L" if shown.mode == "1" else "RGB")
        scale = max((shown.height if is_turned else shown.width) / SHOWN_WIDTH, 1)
        if scale > 1:
            shown = shown.resize((max(int(shown.width / scale), 1), max(int(shown.height / scale), 1)))
        shown = ImageOps.exif_transpose(shown).convert("L" if shown.mode in ("L", "LA") else "RGB")
        made = io.BytesIO()
        shown.save(made, "PNG")
        return made.getvalue()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kind, page = json.loads(sys.argv[1])
    content, made = sys.stdin.buffer.read(), b""
    try:
        if page is None:
            facts = {"pages": _count(content, kind)}
        else:
            facts, made = {}, _drawn(content, kind, page)
    except TooLarge as judged:
        facts = {"width": judged.width, "height": judged.height}
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + made)


if __name__ == "__main__":
    main()
