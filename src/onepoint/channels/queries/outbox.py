"""Reads of the outbox and the gateways."""

from onepoint.channels.models import Gateway


def active_gateways() -> list[Gateway]:
    """Gateways that are switched on, in their order."""
    return list(Gateway.objects.filter(is_active=True).order_by("medium", "rank", "pk"))
