"""What messages may point to: higher capabilities say what their numbers look like and who may follow them.

A reader sees a link only to what he may see; for everybody else the number stays the plain text it was.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from onepoint.accounts.models import User


@dataclass(frozen=True)
class Place:
    """Where a number leads, and what it is about in the reader's eyes."""

    url: str
    title: str


#: From the numbers found in some messages to those the person may see.
FindPlaces = Callable[[set[str], User], Mapping[str, Place]]

_kinds: dict[str, tuple[re.Pattern[str], FindPlaces]] = {}


def register_mention(name: str, pattern: str, find: FindPlaces) -> None:
    """Let numbers of this pattern be links for those ``find`` names."""
    _kinds[name] = (re.compile(pattern), find)


def places_in(texts: Iterable[str], *, visible_to: User) -> dict[str, Place]:
    """All that some messages point to and the person may see; one query for each kind that is mentioned."""
    found: dict[str, Place] = {}
    joined = "\n".join(texts)
    for pattern, find in _kinds.values():
        if numbers := set(pattern.findall(joined)):
            found.update(find(numbers, visible_to))
    return found


def with_links(text: str, places: Mapping[str, Place]) -> SafeString:
    """The text as HTML, with links at the numbers the reader may follow."""
    if not places:
        return mark_safe(conditional_escape(text))
    parts = re.split("(" + "|".join(re.escape(number) for number in sorted(places, reverse=True)) + ")", text)
    return mark_safe(
        "".join(
            format_html('<a href="{}" title="{}">{}</a>', places[part].url, places[part].title, part)
            if part in places
            else conditional_escape(part)
            for part in parts
        )
    )
