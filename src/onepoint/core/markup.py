"""HTML written by hand: for what a page shows by the hundred, such as the cells of a list.

Django's helpers look at each piece for lazy texts and formats first, which cost more than writing it.
"""

from html import escape
from typing import Any

from django.utils.safestring import SafeString


def escaped(value: Any) -> str:
    """As Django's ``conditional_escape``: what is safe already stays as it is."""
    text = str(value)
    return text if isinstance(text, SafeString) else escape(text)


def two_lines(words: str, shown: str = "") -> SafeString:
    """Words in the cell of a list that may take a second line; the whole is in the title. ``shown`` is HTML in their place."""
    text = escape(words)
    return SafeString(f'<span class="two-lines" title="{text}">{shown or text}</span>')
