"""nh3, held to a time and a memory: run as a program it cleans one text and may be killed over it.

What reads HTML as browsers do can be made slow, or large, by texts of many kinds (elements that are reopened in every
paragraph, closed by names that opened nothing, ten thousand characters each a piece of its own): no look over the text
beforehand finds them all. Nothing of the house is imported here, so that the program begins in 20 ms.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import nh3

#: So short a text can cost a quarter of a second and 60 MB at most, whatever it is (measured); it is cleaned at once.
SHORT = 10_000
SECONDS = 2
BYTES = 512 * 1024 * 1024  # of addresses, a fifth of them before it begins
MOST_SHOWN = 4 * 1024 * 1024  # characters; elements reopened again and again make much of little
_LATEST = 20.0  # seconds by the clock on the wall, of a machine that is up to much else

TAGS = frozenset(
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


def shown(text: str, pictures: Mapping[str, str]) -> str | None:
    """``text`` with what may be shown of it; ``pictures`` are the addresses of its inline pictures by their Content-IDs.

    None where it takes too long or too much.
    """
    return _bounded(text, dict(pictures))


def bare(text: str) -> str | None:
    """``text`` with its marks alone, without attributes: every ``>`` in it ends a mark. None as for ``shown``."""
    return _bounded(text, None)


def _bounded(text: str, pictures: dict[str, str] | None) -> str | None:
    if len(text) <= SHORT:
        return _unless_grown(_cleaned(text, pictures))
    try:
        done = subprocess.run(
            [sys.executable, "-I", __file__], input=json.dumps([text, pictures]).encode(), capture_output=True,
            timeout=_LATEST, check=True,
        )  # fmt: skip
    except subprocess.SubprocessError:
        return None
    found: str | None = json.loads(done.stdout)
    return found


def _unless_grown(cleaned: str) -> str | None:
    return cleaned if len(cleaned) <= MOST_SHOWN else None


def _cleaned(text: str, pictures: dict[str, str] | None) -> str:
    if pictures is None:
        return nh3.clean(text, tags=set(TAGS), attributes={}, clean_content_tags=_CONTENT_GONE, link_rel=None)

    def judged(element: str, attribute: str, value: str) -> str | None:
        if element == "img" and attribute == "src":
            scheme, _colon, content_id = value.strip().partition(":")
            return pictures.get(content_id.strip("<>")) if scheme.lower() == "cid" else None
        if attribute == "href":
            return None if value[:1] in _HIDDEN or value.lower().startswith("cid:") else value
        return value

    return nh3.clean(
        text, tags=set(TAGS), attributes=_ATTRIBUTES, attribute_filter=judged, url_schemes=_SCHEMES,
        clean_content_tags=_CONTENT_GONE, link_rel="noopener noreferrer nofollow", strip_comments=True,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )  # fmt: skip


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked: list[Any] = json.load(sys.stdin)
    sys.stdout.write(json.dumps(_unless_grown(_cleaned(*asked))))


if __name__ == "__main__":
    main()
