"""What capabilities above show on the customer page: each registers a panel that the page fetches by HTMX."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Panel:
    """One panel; ``url_name`` is called with the customer number and answers a ``<section class="panel">``."""

    order: int
    label: str | Promise
    url_name: str
    permission: str = ""


_panels: dict[str, Panel] = {}


def register_panel(order: int, label: str | Promise, url_name: str, permission: str = "") -> None:
    """Add a panel to the customer page for those who hold ``permission``; the later of one URL name is kept."""
    _panels[url_name] = Panel(order, label, url_name, permission)


def panels_for(user: object) -> list[Panel]:
    """The panels this person may open, in order."""
    shown = (panel for panel in _panels.values() if not panel.permission or user.may(panel.permission))  # type: ignore[attr-defined]
    return sorted(shown, key=lambda panel: (panel.order, panel.url_name))
