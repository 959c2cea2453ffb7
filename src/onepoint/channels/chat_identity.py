"""Who has proved to be a customer elsewhere (on the portal) begins a chat as that customer."""

from django.core import signing
from django.urls import reverse

from onepoint.customers.models import Customer

_SALT = "onepoint.chat.identity"
_LASTS = 600  # seconds from the page with the link to the first word


def address_for(customer: Customer) -> str:
    """Where this customer begins a chat, known; for a page that has verified him."""
    return f"{reverse('chat-begin')}?id={signing.dumps(customer.pk, salt=_SALT, compress=False)}"


def customer_of(proof: str) -> Customer | None:
    """Whom the proof of an address is about; None for none, a forged or an old one."""
    if not proof or len(proof) > 300:
        return None
    try:
        pk = signing.loads(proof, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        return None
    return Customer.objects.select_related("level").filter(pk=pk, is_active=True).first()
