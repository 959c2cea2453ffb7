"""What capabilities above show on a page below them: each registers a panel that the page fetches by HTMX once it stands."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class PagePanel:
    """One panel of a page; ``url_name`` is called with the number of the page's subject and answers a ``<section class="panel">``.

    ``permissions``: any of them shows it; none means everybody who sees the page.
    """

    page: str  # "ticket", "contact"
    order: int
    label: str | Promise
    url_name: str
    permissions: tuple[str, ...] = ()
    is_quiet: bool = False  # seldom there: nothing is seen of it until its answer says something


_panels: dict[tuple[str, str], PagePanel] = {}


def register_page_panel(panel: PagePanel) -> None:
    """Add a panel; the later of one page and URL name is kept."""
    _panels[panel.page, panel.url_name] = panel


def page_panels_for(page: str, user: Any) -> list[PagePanel]:
    """The panels of a page this person may open, in order."""
    shown = (
        panel
        for panel in _panels.values()
        if panel.page == page and (not panel.permissions or any(user.may(code) for code in panel.permissions))
    )
    return sorted(shown, key=lambda panel: (panel.order, panel.url_name))
