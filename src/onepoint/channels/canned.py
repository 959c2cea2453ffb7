"""What may stand in curly brackets in a canned text, and filling it in: plain replacement, nothing is evaluated."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Name → what it stands for, as the screen explains it.
VARIABLES: dict[str, str | Promise] = {
    "customer": _("Name of the customer"),
    "agent": _("Name of whoever sends it"),
    "unit": _("Unit of whoever sends it"),
    "ticket": _("Number of the ticket"),
    "title": _("Title of the ticket"),
    "status": _("How far the ticket is"),
    "due": _("When the answer is promised"),
    "date": _("Today's date"),
    "link": _("Address of the customer portal"),
}
_NAME = re.compile(r"\{([a-z_]{1,20})\}")


def names_in(text: str) -> list[str]:
    """Every ``{name}`` of a text, in order of appearance."""
    return _NAME.findall(text)


def unknown_names(text: str) -> list[str]:
    """Those of the names nobody fills in."""
    return [name for name in names_in(text) if name not in VARIABLES]


def fill(text: str, facts: Mapping[str, object]) -> str:
    """The text with what is known put in; a known name without a fact vanishes, anything else stays as written."""
    return _NAME.sub(
        lambda found: str(facts.get(found[1], "")) if found[1] in VARIABLES else found[0], text
    )  # fmt: skip
