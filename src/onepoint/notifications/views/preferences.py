"""How one wants to be told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onepoint.core.submitting import status_of
from onepoint.notifications import services
from onepoint.notifications.forms import PreferenceForm
from onepoint.notifications.queries import rules
from onepoint.notifications.services.sending import mobile_of
from onepoint.notifications.views.submitting import succeeds


@require_http_methods(["GET", "POST"])
def choose_ways(request: HttpRequest) -> HttpResponse:
    person = request.user
    preference = rules.preference_of(person)
    form = PreferenceForm(
        request.POST or None,
        preference=preference,
        policy=rules.notification_policy(),
        roles=rules.role_rules([person.pk]).of(person.pk),
    )
    if request.method == "POST" and succeeds(
        form, lambda: services.choose_ways(person, choices=form.choices(), **form.rules(), by=person)
    ):
        messages.success(request, _("Saved."))
        return redirect("notification-preferences")
    context = {"form": form, "mobile": mobile_of(person), "has_own": preference is not None}
    return render(request, "notifications/preferences.html", context, status=status_of(form))


@require_POST
def forget_preference(request: HttpRequest) -> HttpResponse:
    services.forget_preference(request.user, by=request.user)
    messages.success(request, _("From now on you are told as your house has set it."))
    return redirect("notification-preferences")
