"""HTML of strangers: made harmless by nh3, bounded before it and while it reads, and read as text."""

import html
import re
from collections.abc import Mapping

from onepoint.channels.mail import cleaner

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())


def is_too_deep(text: str) -> bool:
    """Whether elements nest deeper than any mail needs: the cleaner's time grows with the square of the depth."""
    depth = 0
    for match in _TAG.finditer(text):
        if match[2].lower() in _VOID:
            continue
        depth += -1 if match[1] else 1
        depth = max(depth, 0)
        if depth > MOST_DEPTH:
            return True
    return False


def cleaned(text: str, pictures: Mapping[str, str]) -> str | None:
    """HTML without anything that acts or calls home; None where it asks too much and is to be shown as text.

    ``pictures`` are the addresses of inline pictures by their Content-ID; others are not loaded.
    """
    return None if _asks_too_much(text) else cleaner.shown(text, pictures)


def _asks_too_much(text: str) -> bool:
    return len(text) > MOST_BYTES or is_too_deep(text) or text.count("=") > 40_000


_BLOCKS = frozenset("p div br tr li h1 h2 h3 h4 h5 h6 blockquote pre hr table ul ol dl dt dd address center".split())
_ANY_TAG = re.compile(r"<(/?)([a-z0-9]{1,20})[^<>]*>")
_TAGS_CRUDELY = re.compile(r"<[^<>]{0,2000}>")
_SPACES = re.compile(r"[ \t\f\v\u00a0\u3000]+")


def as_text(source: str) -> str:
    """What a reader sees, line by line; quotations begin with ``>`` as in plain mail."""
    # Without attributes every ">" in the cleaned text ends a tag.
    plain = None if _asks_too_much(source) else cleaner.bare(re.sub(r"[\r\n]+", " ", source))
    if plain is None:
        return _gathered(html.unescape(_TAGS_CRUDELY.sub("\n", source[:MOST_BYTES])).split("\n"))
    lines, line, quoted, end = [], "", 0, 0
    for match in _ANY_TAG.finditer(plain):
        line += html.unescape(plain[end : match.start()])
        end = match.end()
        closes, name = match[1], match[2]
        if name in ("td", "th"):
            line += "\t"
        if name not in _BLOCKS:
            continue
        if line.strip() or name == "br":
            lines.append("> " * min(quoted, 3) + line.strip())
        line = ""
        if name == "p" and closes and lines and lines[-1]:
            lines.append("> " * min(quoted, 3))
        if name == "blockquote":
            quoted = max(quoted - 1, 0) if closes else quoted + 1
    lines.append(("> " * min(quoted, 3) + (line + html.unescape(plain[end:])).strip()).rstrip())
    return _gathered(lines)


def _gathered(lines: list[str]) -> str:
    """Blanks reduced, at most one empty line at a time."""
    kept: list[str] = []
    for line in lines:
        line = _SPACES.sub(" ", line).strip()
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
