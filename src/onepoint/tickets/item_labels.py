"""What the items of a ticket are called: in the timeline, on the screen of field rights, when two people saved."""

from django.utils.translation import gettext_lazy as _

ITEM_LABELS = {
    "kind": _("Kind"),
    "category": _("Category"),
    "severity": _("Severity"),
    "urgency": _("Urgency"),
    "title": _("Title"),
    "description": _("Problem described"),
    "customer": _("Customer"),
    "contact_name": _("Contact person"),
    "contact_phone": _("Contact telephone"),
    "account": _("Account or number"),
    "asset": _("Product or machine"),
    "promised_reply_channel": _("Reply promised by"),
    "promised_reply_at": _("Reply promised for"),
    "special_items": _("Special items"),
}
