"""Addresses a request names to go on to afterwards: anybody may have written them."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def is_of_house(request: HttpRequest, address: str) -> bool:
    """Whether the address is a page of the host one is at, and no mere word that Django takes for the name of a page."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return False
    return address.startswith("/") or bool(urlsplit(address).netloc)


def redirect_back(request: HttpRequest, address: str, otherwise: str) -> HttpResponseRedirect:
    """To ``address`` where it is a page of this house, else to ``otherwise``, an address too."""
    return HttpResponseRedirect(address if is_of_house(request, address) else otherwise)
