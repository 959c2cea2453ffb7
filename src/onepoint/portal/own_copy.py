"""What the portal gives to a customer's copy of all data: what the customer filed and wrote there."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.customers.copying import PLAIN, WORDS, Section, Told, Whose, register_section
from onepoint.portal.models import Filing, PortalNote


def _filings(whose: Whose) -> QuerySet[Filing]:
    return Filing.objects.filter(ticket__customer__in=list(whose.ids)).select_related("ticket").order_by("pk")


def _notes(whose: Whose) -> QuerySet[PortalNote]:
    return PortalNote.objects.filter(ticket__customer__in=list(whose.ids)).select_related("ticket").order_by("pk")


register_section(
    Section(
        150, "portal_filings", _("Filed on the portal"),
        [
            Told(_("Ticket"), "ticket.number"), Told(_("At"), "made_at"), Told(_("Name"), "name"),
            Told(_("Address"), "address", "phone"), Told(_("Content"), "text", WORDS), Told(_("Place"), "place", "address"),
        ],
        _filings,
    )
)  # fmt: skip
register_section(
    Section(
        151, "portal_notes", _("Notes on the portal"),
        [
            Told(_("Ticket"), "ticket.number"), Told(_("At"), "at", PLAIN), Told(_("Happening"), "kind"),
            Told(_("Content"), "text", WORDS), Told(_("Rating"), "stars"),
        ],
        _notes,
    )
)  # fmt: skip
