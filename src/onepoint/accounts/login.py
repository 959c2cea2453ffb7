"""Login through allauth with the house's rules: nobody signs up by himself, failures lock the account for a while."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.stages import LoginStage
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import queries, sessions
from onepoint.accounts.models import User
from onepoint.accounts.services.logins import lock_out_name
from onepoint.core import navigation
from onepoint.core.ways_back import is_of_house


class PersonBackend(AuthenticationBackend):
    """allauth's backend; the person of a session comes with the home unit, which every page shows."""

    def get_user(self, user_id: int) -> User | None:
        person = sessions.person_beside_session(user_id)
        person = person or User.objects.select_related("unit__region").filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None


class AccountAdapter(DefaultAccountAdapter):
    """People are created by administrators, never by a sign-up form."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("Staff number or password is wrong."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """After the password, whoever has a second factor is asked for it."""
        return [*super().get_login_stages(), "onepoint.accounts.login.SecondFactorStage"]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The desk, or the first page of one's own for those who do not work at one (administrators kept apart)."""
        return navigation.home_of(request.user) or settings.LOGIN_REDIRECT_URL

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A locked person gets the same answer as a wrong password: allauth's own would tell that the password is right."""
        self.pre_authenticate(request, **credentials)
        return authenticate(request, **credentials)

    def is_safe_url(self, url: str | None) -> bool:
        """After login one goes on within the host one is at; other names of the house are no way out either."""
        return is_of_house(self.request, url or "")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth's own messages ("You have signed in as …") say nothing a person at his desk needs."""


class SecondFactorStage(LoginStage):
    """The login waits, for a quarter of an hour at most, until the code is given; until then nobody is logged in."""

    key = "second_factor"
    urlname = "login-second-factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if queries.second_factor_of(self.login.user) is None:
            return None, True
        return redirect(self.urlname), True


def lock_out_name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Failed logins are counted per staff number as it would be looked up, so another spelling is no new attempt."""
    credentials = credentials or {}
    return lock_out_name(credentials.get("username") or request.POST.get("login"))


def show_lock_out(request: HttpRequest, response: HttpResponse | None, credentials: dict | None) -> HttpResponse:
    """The page shown while an account is locked after too many failed logins."""
    return render(request, "account/locked.html", status=429)
