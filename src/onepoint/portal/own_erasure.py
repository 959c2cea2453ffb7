"""What the portal holds of a customer and loses when the customer is erased."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from onepoint.channels.states import Medium
from onepoint.customers.erasing import Erased, Holding, register_holding, register_values
from onepoint.customers.known_values import MARKED, KnownValues
from onepoint.portal.models import Filing, OneTimeCode, PortalNote, PortalSession


def _filings(erased: Erased) -> QuerySet[Filing]:
    """Those that became a ticket of the customer, and what waits from his address."""
    return Filing.objects.filter(
        Q(ticket__customer__in=list(erased.ids)) | Q(ticket=None, address__in=list(erased.addresses))
    )


def _values(ids: Sequence[int]) -> KnownValues:
    filed = Filing.objects.filter(ticket__customer__in=list(ids)).values_list("medium", "address", "name", "place")
    rows = list(filed)
    return KnownValues(
        phones=[address for medium, address, _name, _place in rows if medium == Medium.SMS],
        emails=[address for medium, address, _name, _place in rows if medium != Medium.SMS],
        names=[name for _medium, _address, name, _place in rows],
        others=[place for _medium, _address, _name, place in rows],
    )


register_values(_values)
register_holding(
    Holding(
        600, "portal_code", OneTimeCode,
        lambda erased: OneTimeCode.objects.filter(
            Q(address__in=list(erased.addresses)) | Q(filing__in=_filings(erased).values("pk"))
        ),
        removed=True,
    )
)  # fmt: skip
register_holding(
    Holding(
        601, "portal_session", PortalSession,
        lambda erased: PortalSession.objects.filter(
            Q(customer__in=list(erased.ids)) | Q(address__in=list(erased.addresses))
        ),
        removed=True,
    )
)  # fmt: skip
register_holding(
    Holding(
        610, "portal_filing", Filing, _filings, texts=["text"], files="portal_filing",
        cleared={"address": MARKED, "name": MARKED, "place": ""},
    )
)  # fmt: skip
register_holding(
    Holding(
        611, "portal_note", PortalNote, lambda erased: PortalNote.objects.filter(ticket__customer__in=list(erased.ids)),
        texts=["text"],
    )
)  # fmt: skip
