"""How the audit verbs of the portal read."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences
from onepoint.portal.models import FramingOrigin, PublicWording

for verb, label in {
    "portal.entered": _("Customer entered the portal"),
    "portal.left": _("Customer left the portal"),
    "portal.rules_changed": _("Rules of the portal changed"),
    "ticket.filed_by_customer": _("Filed on the portal"),
    "public_wording.written": _("Words for customers written"),
    "public_wording.changed": _("Words for customers changed"),
    "public_wording.removed": _("Words for customers removed"),
    "framing_origin.added": _("Web site may show the form"),
    "framing_origin.allowed": _("Web site may show the form again"),
    "framing_origin.stopped": _("Web site may no longer show the form"),
}.items():
    name_verb(verb, label)

register_sentences(
    {
        "portal.entered": _("%(address)s entered the portal by a code"),
        "portal.left": _("left the portal"),
        "ticket.filed_by_customer": _("%(address)s filed it on the portal"),
        "public_wording.written": _("wrote for customers: “%(words)s”"),
        "public_wording.changed": _("changed “%(was)s” for customers into “%(words)s”"),
        "public_wording.removed": _("went back to the usual words instead of “%(words)s”"),
        "framing_origin.added": _("lets %(origin)s show the form"),
        "framing_origin.allowed": _("lets %(origin)s show the form again"),
        "framing_origin.stopped": _("lets %(origin)s show the form no longer"),
    }
)

name_subject("public_wording", PublicWording, "words")
name_subject("framing_origin", FramingOrigin, "origin")
