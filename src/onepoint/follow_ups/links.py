"""The link by which a customer answers without a login: signed, and worth nothing once answered or expired."""

from django.core import signing
from django.urls import reverse

from onepoint.follow_ups.models import FollowUp
from onepoint.notifications.queries.rules import notification_policy

_signer = signing.Signer(salt="onepoint.follow_ups.survey", sep=".")


def token_of(follow_up: FollowUp) -> str:
    """What cannot be guessed without the house's secret key."""
    return _signer.sign(str(follow_up.pk))


def id_of(token: str) -> int | None:
    """The visit a token was made for; None where it was not made here."""
    try:
        return int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def address_of(follow_up: FollowUp) -> str:
    """The whole address; empty while nobody has said where the house is reached from outside."""
    house = notification_policy().house_address
    return f"{house.rstrip('/')}{reverse('survey', args=[token_of(follow_up)])}" if house else ""
