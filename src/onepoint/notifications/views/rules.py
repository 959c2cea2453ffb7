"""The rules of the house and the defaults of roles."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onepoint.core.submitting import status_of
from onepoint.notifications import services
from onepoint.notifications.forms import RoleDefaultForm, RulesForm
from onepoint.notifications.queries import rules
from onepoint.notifications.views.submitting import for_managers, succeeds


@require_http_methods(["GET", "POST"])
@for_managers
def change_rules(request: HttpRequest) -> HttpResponse:
    form = RulesForm(request.POST or None, policy=rules.notification_policy())
    if request.method == "POST" and succeeds(
        form, lambda: services.change_notification_policy(**form.values(), by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("notification-rules")
    context = {"form": form, "roles": rules.roles_with_defaults()}
    return render(request, "notifications/rules.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@for_managers
def change_role_default(request: HttpRequest, code: str) -> HttpResponse:
    role = rules.find_role(code)
    if role is None:
        raise Http404
    default = getattr(role, "notification_default", None)
    form = RoleDefaultForm(request.POST or None, default=default, policy=rules.notification_policy())
    if request.method == "POST" and succeeds(
        form, lambda: services.change_role_default(role, **form.values(), by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("notification-role", code)
    return render(request, "notifications/role.html", {"form": form, "role": role}, status=status_of(form))
