"""HTML of strangers: made harmless by nh3, bounded before it, and read as text."""

import html
import re
from collections.abc import Callable

import nh3

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_TAGS = frozenset(
    "a abbr address b big blockquote br caption center code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i"
    " img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign", "width"},
    "th": {"colspan", "rowspan", "align", "valign", "width"},
    "table": {"border", "cellpadding", "cellspacing", "width", "align"},
    "font": {"color", "size"},
    "ol": {"start", "type"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_CONTENT_GONE = {"script", "style", "title", "head", "noscript", "template", "iframe", "object", "svg", "math"}
#: What a browser does not take for blanks but a filter might: a link may not begin with one.
_HIDDEN = "\u00a0\u2028\u2029\ufeff\u200b"


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


def cleaned(text: str, picture_at: Callable[[str], str | None] = lambda content_id: None) -> str | None:
    """HTML without anything that acts or calls home; None where it asks too much and is to be shown as text.

    ``picture_at`` gives the address of an inline picture by its Content-ID; other pictures are not loaded.
    """
    if len(text) > MOST_BYTES or is_too_deep(text) or text.count("=") > 40_000:
        return None

    def judged(element: str, attribute: str, value: str) -> str | None:
        if element == "img" and attribute == "src":
            scheme, _colon, content_id = value.strip().partition(":")
            return picture_at(content_id.strip("<>")) if scheme.lower() == "cid" else None
        if attribute == "href":
            return None if value[:1] in _HIDDEN or value.lower().startswith("cid:") else value
        return value

    return nh3.clean(
        text, tags=set(_TAGS), attributes=_ATTRIBUTES, attribute_filter=judged, url_schemes=_SCHEMES,
        clean_content_tags=_CONTENT_GONE, link_rel="noopener noreferrer nofollow", strip_comments=True,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )  # fmt: skip


_BLOCKS = frozenset("p div br tr li h1 h2 h3 h4 h5 h6 blockquote pre hr table ul ol dl dt dd address center".split())
_ANY_TAG = re.compile(r"<(/?)([a-z0-9]{1,20})[^<>]*>")
_TAGS_CRUDELY = re.compile(r"<[^<>]{0,2000}>")
_SPACES = re.compile(r"[ \t\f\v\u00a0\u3000]+")


def as_text(source: str) -> str:
    """What a reader sees, line by line; quotations begin with ``>`` as in plain mail."""
    if len(source) > MOST_BYTES or is_too_deep(source) or source.count("=") > 40_000:
        return _gathered(html.unescape(_TAGS_CRUDELY.sub("\n", source[:MOST_BYTES])).split("\n"))
    # Without attributes every ">" in the cleaned text ends a tag.
    plain = nh3.clean(
        re.sub(r"[\r\n]+", " ", source), tags=set(_TAGS), attributes={}, clean_content_tags=_CONTENT_GONE,
        link_rel=None,
    )  # fmt: skip
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
