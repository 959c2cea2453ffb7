"""The entries of the customer record in the sidebar."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.models import AuditEntry
from onepoint.core.navigation import NavItem, register
from onepoint.core.timeline import told
from onepoint.customers import belonging_hints  # noqa: F401  (registers itself)
from onepoint.customers.history import Happening, Request, Source, register_source
from onepoint.customers.panels import register_panel
from onepoint.customers.queries.history import journal_of, kind_of

register(NavItem("customers", 10, _("Customers"), "customer-list", "users", "customer.view", "g c"))
register(NavItem("administration", 70, _("Customer levels"), "customer-level-list", "star", "customer_level.manage"))
register(NavItem("customers", 30, _("Possible duplicates"), "customer-pair-list", "users-group", "customer.merge"))
register(NavItem("customers", 40, _("Attention list"), "attention-list", "flag", "attention.view"))
register(NavItem("customers", 50, _("Import customers"), "customer-import-list", "upload", "customer.import"))
register(
    NavItem("customers", 60, _("Erasures of customers"), "customer-erasure-list", "user-x", "customer.confirm_erasure")
)
register(NavItem("administration", 63, _("Keeping of files"), "retention-list", "archive", "retention.manage"))
register_panel(1, _("Worth saying"), "customer-hints")
register_panel(5, _("Household or company"), "customer-relations")
register_panel(90, _("Timeline"), "customer-history")

_TONES = {"merge": "accent", "attention": "warn", "disclosure": "bad"}


def _read_journal(request: Request) -> list[Happening]:
    before = int(request.after) if request.after.isdecimal() and len(request.after) < 19 else None
    entries = journal_of(request.ids, kinds=request.kinds, before=before, limit=request.limit)
    return [_happening(entry, sentence) for entry, sentence in told(entries)]


def _happening(entry: AuditEntry, sentence: str) -> Happening:
    kind = kind_of(entry.verb)
    return Happening(
        at=entry.at,
        kind=kind,
        position=str(entry.pk),
        sentence=sentence,
        who=getattr(entry, "who", entry.actor_name),
        tone=_TONES.get(kind, ""),
    )


register_source(
    Source(
        "journal",
        {
            "change": (_("Changes"), ""),
            "merge": (_("Merges"), ""),
            "attention": (_("Attention list"), "attention.view"),
            "disclosure": (_("Unmasked"), "audit.view"),
        },
        _read_journal,
    )
)
