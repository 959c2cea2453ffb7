"""Login through allauth with the house's rules: nobody signs up by himself, failures lock the account for a while."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class AccountAdapter(DefaultAccountAdapter):
    """People are created by administrators, never by a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def show_lock_out(request: HttpRequest, credentials: dict, *args: object, **kwargs: object) -> HttpResponse:
    """The page shown while an account is locked after too many failed logins."""
    return render(request, "account/locked.html", status=429)
