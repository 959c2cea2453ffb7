"""What faxes and letters tell the house when it starts: permissions, pages, words of the audit, the tick."""

import time

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.channels import services
from onepoint.channels.models import IncomingScan, ScanSource
from onepoint.core import ticks
from onepoint.core.audit import name_verb
from onepoint.core.navigation import NavItem
from onepoint.core.navigation import register as register_page
from onepoint.core.timeline import name_subject, register_sentences

LOOKED_EVERY = 10.0  # seconds
_looked_at = 0.0

_WORDS = {
    "scan.received": (_("Fax or letter received"), _("it came in as %(name)s")),
    "scan.refused": (_("Fax or letter refused"), _("the file %(name)s was refused: %(reason)s")),
    "scan.claimed": (_("Fax or letter claimed"), _("took it in hand")),
    "scan.released": (_("Fax or letter released"), _("gave it back")),
    "scan.taken_in": (_("Fax or letter taken in"), _("took it in")),
    "scan.set_aside": (_("Fax or letter set aside"), _("set it aside: %(reason)s")),
    "scan.brought_back": (_("Fax or letter brought back"), _("brought it back")),
    "scan_source.created": (_("Watched folder set up"), _("set up the folder %(name)s")),
    "scan_source.changed": (_("Watched folder changed"), _("changed the folder %(name)s")),
}


def register() -> None:
    """Called once by the AppConfig."""
    permissions.name_noun("scan", _("Faxes and letters"))
    permissions.register("scan.view", _("See faxes and letters"))
    permissions.register("scan.take_in", _("Take in faxes and letters"))
    permissions.register("scan.manage", _("Arrange the folders faxes and letters come from"))
    register_page(NavItem("channels", 40, _("Faxes and letters"), "scan-list", "file-text", "scan.view"))
    register_page(NavItem("administration", 69, _("Watched folders"), "scan-source-list", "folder", "scan.manage"))
    for verb, (label, _sentence) in _WORDS.items():
        name_verb(verb, label)
    register_sentences({verb: sentence for verb, (_label, sentence) in _WORDS.items()})
    name_subject("incoming_scan", IncomingScan, "name", page="scan-detail", key="pk")
    name_subject("scan_source", ScanSource, "name")
    ticks.register_tick("channels.scans", _look_into_folders)


def _look_into_folders() -> None:
    global _looked_at
    if time.monotonic() - _looked_at >= LOOKED_EVERY:
        _looked_at = time.monotonic()
        services.look_into_folders(by=None)
