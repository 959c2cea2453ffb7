"""What everybody may do with his own account: profile, password, sessions, language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, queries, services
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.ways_back import redirect_back


def show_profile(request: HttpRequest) -> HttpResponse:
    user = request.user
    initial = {name: getattr(user, name) for name in ("name_en", "phone", "email", "language")}
    form = forms.ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and succeeds(form, lambda data: services.change_own_profile(user, **data, by=user)):
        translation.activate(user.language)
        messages.success(request, _("Saved."))
        return _with_language(redirect("profile"), user.language)
    context = {
        "form": form,
        "appointments": queries.appointments_of(user),
        "access": queries.access_of(user),
        "groups": user.work_groups.all(),
    }
    return render(request, "accounts/profile.html", context, status=status_of(form))


@never_cache
@sensitive_post_parameters("old", "new", "again")
def change_password(request: HttpRequest) -> HttpResponse:
    form = forms.PasswordChangeForm(request.POST or None)
    user, old_key = request.user, request.session.session_key
    if request.method == "POST" and succeeds(
        form,
        lambda data: services.change_own_password(user, old=data["old"], new=data["new"], session_key=old_key, by=user),
    ):
        update_session_auth_hash(request, user)
        request.session.save()
        services.replace_session_key(old_key, request.session.session_key, by=user)
        messages.success(request, _("Password changed. Your other sessions have ended."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "is_forced": user.must_change_password}
    return render(request, "accounts/password_change.html", context, status=status_of(form))


def list_sessions(request: HttpRequest) -> HttpResponse:
    context = {"sessions": queries.session_list(request.user), "own_key": request.session.session_key}
    return render(request, "accounts/session_list.html", context)


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(queries.sessions_of(request.user), pk=pk)
    services.end_session(session, by=request.user)
    messages.success(request, _("Session ended."))
    return redirect("session-list")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    services.end_other_sessions(request.user, keep=request.session.session_key, by=request.user)
    messages.success(request, _("All other sessions have ended."))
    return redirect("session-list")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language, before login too; it is kept in a cookie and, once logged in, with the person."""
    form = forms.LanguageForm(request.POST)
    target = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    response = redirect_back(request, target, "/")
    if form.is_valid():
        language = form.cleaned_data["language"]
        if request.user.is_authenticated:
            services.set_language(request.user, language, by=request.user)
        _with_language(response, language)
    return response


def _with_language(response: HttpResponse, language: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
