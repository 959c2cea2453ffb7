"""The second factor: asked for at login, set up, renewed and given up on pages of one's own."""

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, queries, services, totp
from onepoint.accounts.login import SecondFactorStage
from onepoint.accounts.sessions import SECOND_FACTOR_DUE
from onepoint.core import sealing
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.throttling import TooManyTries

#: The secret that is being set up, sealed, until its first code came.
_PENDING = "second_factor_pending"


@login_stage_required(stage=SecondFactorStage.key, redirect_urlname="account_login")
@sensitive_post_parameters("code")
def log_in(request: HttpRequest) -> HttpResponse:
    """The step of a login between the password and being in."""
    stage: SecondFactorStage = request._login_stage  # type: ignore[attr-defined]  # set by the decorator
    person = stage.login.user
    form = forms.CodeForm(request.POST or None)
    form.fields["code"].help_text = _("Of your authenticator app, or one of your recovery codes.")
    try:
        if request.method == "POST" and succeeds(
            form, lambda data: services.accept_second_factor(person, data["code"], by=person)
        ):
            return stage.exit()
    except TooManyTries as refusal:
        form.add_error("code", str(refusal))
        return render(request, "account/second_factor.html", {"form": form}, status=429)
    return render(request, "account/second_factor.html", {"form": form}, status=status_of(form))


@never_cache
def show_own(request: HttpRequest) -> HttpResponse:
    return _render_own(request)


def _render_own(request: HttpRequest, **forms_sent: Any) -> HttpResponse:
    context = {
        "factor": queries.second_factor_of(request.user),
        "codes_left": queries.unused_recovery_codes(request.user),
        "is_asked": queries.must_have_second_factor(request.user),
        "codes_form": forms.CodeForm(auto_id="codes-%s"),
        "remove_form": forms.CodeForm(auto_id="remove-%s"),
        **forms_sent,
    }
    status = max((status_of(form) for form in forms_sent.values()), default=200)
    return render(request, "accounts/second_factor.html", context, status=status)


@never_cache
@sensitive_post_parameters("code")
def set_up(request: HttpRequest) -> HttpResponse:
    """Shows the secret as a picture and asks for the first code of the app that took it."""
    user, is_due = request.user, SECOND_FACTOR_DUE in request.session
    if queries.second_factor_of(user):
        request.session.pop(SECOND_FACTOR_DUE, None)
        return redirect("second-factor")
    secret = _pending_secret(request)
    form = forms.CodeForm(request.POST or None)
    made: list[str] = []
    if request.method == "POST" and succeeds(
        form,
        lambda data: made.extend(services.set_up_second_factor(user, secret=secret, code=data["code"], by=user)),
    ):
        for mark in (_PENDING, SECOND_FACTOR_DUE):
            request.session.pop(mark, None)
        return _show_codes(request, made)
    address = totp.address_of(secret, account=user.username, issuer=_("Onepoint"))
    context = {"form": form, "secret": secret, "picture": totp.picture_of(address), "is_due": is_due}
    return render(request, "accounts/second_factor_set_up.html", context, status=status_of(form))


def _pending_secret(request: HttpRequest) -> str:
    if _PENDING not in request.session:
        request.session[_PENDING] = sealing.seal({"totp": totp.new_secret()})
    return sealing.unseal(request.session[_PENDING])["totp"]


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "text": "\n".join(codes)})


@require_POST
@never_cache
@sensitive_post_parameters("code")
def renew_codes(request: HttpRequest) -> HttpResponse:
    form = forms.CodeForm(request.POST, auto_id="codes-%s")
    made: list[str] = []
    if succeeds(
        form, lambda data: made.extend(services.renew_recovery_codes(request.user, code=data["code"], by=request.user))
    ):
        return _show_codes(request, made)
    return _render_own(request, codes_form=form)


@require_POST
@sensitive_post_parameters("code")
def remove(request: HttpRequest) -> HttpResponse:
    """Give the app up, as before moving to another telephone."""
    form = forms.CodeForm(request.POST, auto_id="remove-%s")
    due: list[bool] = []
    if not succeeds(
        form, lambda data: due.append(services.remove_second_factor(request.user, code=data["code"], by=request.user))
    ):
        return _render_own(request, remove_form=form)
    if due[0]:
        request.session[SECOND_FACTOR_DUE] = True
        return redirect("second-factor-set-up")
    messages.success(request, _("The second factor is switched off."))
    return redirect("second-factor")
