"""All data of one customer, written for that customer."""

from urllib.parse import urlencode

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, exporting
from onepoint.core.errors import InvalidInput, require
from onepoint.core.models import Export
from onepoint.core.text import clean
from onepoint.customers import policies
from onepoint.customers.models import Customer

#: How the copy is called among the exports.
COPY = "customer_copy"
MOST_WORDS = 300


@transaction.atomic
def ask_for_copy(customer: Customer, *, reason: str, by: User) -> Export:
    """Have everything about the customer written to one archive, which waits for a second person's approval.

    Raises NotPermitted, NotSeenInFull, OutsideYourScope, AlreadyMerged, InvalidInput, TooManyExports.
    """
    require(policies.why_not_copy(customer, by))
    words = clean(reason)[:MOST_WORDS]
    if not words:
        raise InvalidInput({"reason": _("Please say who asked for it and how.")})
    export = exporting.start_bundle(COPY, query=urlencode({"customer": customer.number}), by=by)
    audit.record(
        "customer.copy_asked", by=by, subject_type="customer", subject_id=customer.pk, export=export.pk, reason=words
    )
    return export
