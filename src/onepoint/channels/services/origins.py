"""Keeping how a customer came with the contact."""

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.channels import policies
from onepoint.channels.models import Contact, ContactOrigin
from onepoint.channels.origins import Origin, asked_of
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean


@transaction.atomic
def keep_origin(contact: Contact, origin: Origin, *, by: User | None) -> ContactOrigin | None:
    """Note how the customer of a contact came, as far as its channel asks; None where there is nothing to note.

    A contact keeps the origin it was given first. Raises NotPermitted, OutsideYourScope, InvalidInput.
    """
    require(policies.why_not_relate_contact(contact, by))
    asked = asked_of(contact.channel, origin)
    if lacking := policies.what_an_origin_lacks(contact.channel, asked):
        raise InvalidInput(lacking)
    values = {
        "outlet": asked.outlet, "clerk_number": clean(asked.clerk_number)[:40],
        "document_number": clean(asked.document_number)[:60], "account_manager": asked.account_manager,
    }  # fmt: skip
    if not any(values.values()):
        return None
    kept, is_new = ContactOrigin.objects.get_or_create(contact=contact, defaults=values)
    if is_new:
        manager, outlet = asked.account_manager, asked.outlet
        audit.record(
            "contact.origin_kept", by=by, subject_type="contact", subject_id=contact.pk,
            outlet=outlet.code if outlet else "", account_manager=manager.username if manager else "",
            clerk=values["clerk_number"], document=values["document_number"],
        )  # fmt: skip
    return kept
