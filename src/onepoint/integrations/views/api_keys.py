"""Pages of the API keys."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.tables import Column, make_page
from onepoint.integrations import policies, queries, services
from onepoint.integrations.forms import ApiKeyForm

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), css="wide"),
    Column("prefix", gettext_lazy("Begins with"), ("prefix",), css="mono"),
    Column("person", gettext_lazy("Acts as"), ("person__name_key",)),
    Column("scopes", gettext_lazy("Scopes"), css="wide"),
    Column("used", gettext_lazy("Last used"), ("used_at",), css="num"),
    Column("until", gettext_lazy("Valid until"), ("expires_at",), css="num"),
    Column("state", gettext_lazy("State")),
    Column("actions", "", css="actions"),
]


@require_GET
def list_api_keys(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_keys(request.user))
    page = make_page(queries.api_keys(visible_to=request.user), COLUMNS, request.GET, default_sort="name")
    return render(request, "integrations/key_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def create_api_key(request: HttpRequest) -> HttpResponse:
    """The answer to a good form shows the secret, this once."""
    require(policies.why_not_manage_keys(request.user))
    form = ApiKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = services.create_api_key(**form.cleaned_data, by=request.user)
        except BusinessError as refusal:
            errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
            for name, text in errors.items():
                form.add_error(name, str(text))
            if not errors:
                form.add_error(None, str(refusal))
        else:
            answer = render(request, "integrations/key_shown.html", {"key": key, "secret": secret})
            answer["Cache-Control"] = "no-store"
            return answer
    return render(request, "integrations/key_form.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def revoke_api_key(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage_keys(request.user))
    key = queries.find_api_key(pk, visible_to=request.user)
    if key is None:
        raise Http404
    services.revoke_api_key(key, by=request.user)
    messages.success(request, _("The key is revoked; it opens nothing from now on."))
    return redirect("apikey-list")
