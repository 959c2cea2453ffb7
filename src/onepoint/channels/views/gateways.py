"""Pages of the gateways."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.channels import policies, queries, services
from onepoint.channels.forms import GatewayForm, HoldForm, TryForm
from onepoint.channels.models import Gateway
from onepoint.channels.services.gateways import kinds, secrets_known
from onepoint.channels.services.texts import incoming_token
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("medium", gettext_lazy("Medium"), ("medium", "rank")),
    Column("provider", gettext_lazy("Kind"), ("provider",)),
    Column("rank", gettext_lazy("Order"), ("rank",), "num"),
    Column("state", gettext_lazy("State"), css="wide"),
    Column("rate", gettext_lazy("Messages per minute"), ("rate_per_minute",), "num"),
    Column("sent", gettext_lazy("Last sent"), ("last_sent_at",), "num"),
]


def _gateway_or_404(pk: int) -> Gateway:
    gateway = queries.find_gateway(pk)
    if gateway is None or gateway.provider not in kinds():
        raise Http404
    return gateway


def _submitted(form: GatewayForm, write: Any) -> bool:
    """Whether the form was good and the service took it; refusals of the service stand beside their fields."""
    if not form.is_valid():
        return False
    try:
        write(form.values())
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return False
    return True


def _incoming_address(request: HttpRequest, gateway: Gateway) -> str:
    """Where the provider posts what comes in; a secret in itself, so only for those who may change the gateway."""
    if policies.why_not_change_gateways(request.user) is not None:
        return ""
    token = incoming_token(gateway)
    return request.build_absolute_uri(reverse("text-receive", args=[gateway.pk, token])) if token else ""


@require_GET
def gateway_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_see_gateways(request.user))
    page = make_page(queries.gateways(), COLUMNS, request.GET, default_sort="medium")
    context = {
        "page": page,
        "rows": [(gateway, kinds().get(gateway.provider)) for gateway in page.rows],
        "unserved": queries.unserved_media(),
        "hold": queries.current_hold(),
        "kinds": kinds().values(),
        "hold_form": HoldForm(),
        "may_change": policies.why_not_change_gateways(request.user) is None,
    }
    return render(request, "channels/gateways.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def gateway_create(request: HttpRequest, provider: str) -> HttpResponse:
    require(policies.why_not_change_gateways(request.user))
    kind = kinds().get(provider)
    if kind is None:
        raise Http404
    form = GatewayForm(request.POST or None, provider=kind, initial={"name": str(kind.label)})
    made: list[Gateway] = []
    if request.method == "POST" and _submitted(
        form, lambda values: made.append(services.create_gateway(provider=provider, **values, by=request.user))
    ):
        messages.success(request, _("The gateway is set up. Please send a test message."))
        return redirect("gateway-detail", made[0].pk)
    context = {"form": form, "kind": kind}
    return render(request, "channels/gateway_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def gateway_detail(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_see_gateways(request.user))
    gateway = _gateway_or_404(pk)
    if request.method == "POST":
        require(policies.why_not_change_gateways(request.user))
    initial = {**gateway.settings, "revision": gateway.revision, "name": gateway.name, "name_en": gateway.name_en}
    initial |= {"rank": gateway.rank, "connections": gateway.connections, "rate_per_minute": gateway.rate_per_minute}
    form = GatewayForm(
        request.POST or None, provider=kinds()[gateway.provider], initial=initial, known_secrets=secrets_known(gateway)
    )
    if request.method == "POST" and _submitted(
        form,
        lambda values: services.change_gateway(
            gateway, revision=form.cleaned_data["revision"] or 0, **values, by=request.user
        ),
    ):
        messages.success(request, _("The gateway is changed; connections begin anew."))
        return redirect("gateway-detail", gateway.pk)
    circuits = queries.circuits_of(gateway)
    gateway.interrupted = [one for one in circuits if not one.peer and one.opened_at]  # type: ignore[attr-defined]
    context = {
        "gateway": gateway,
        "kind": kinds()[gateway.provider],
        "form": form,
        "try_form": TryForm(),
        "circuits": circuits,
        "may_change": policies.why_not_change_gateways(request.user) is None,
        "why_not_try": policies.why_not_try_gateway(gateway, request.user),
        "events": told(audit.entries_of("gateway", gateway.pk)),
        "incoming_address": _incoming_address(request, gateway),
    }
    return render(request, "channels/gateway.html", context, status=422 if form.is_bound else 200)


@require_POST
def gateway_switch(request: HttpRequest, pk: int, on: str) -> HttpResponse:
    gateway = _gateway_or_404(pk)
    if on not in ("on", "off"):
        raise Http404
    services.switch_gateway(gateway, on=on == "on", by=request.user)
    messages.success(request, _("The gateway is switched on.") if on == "on" else _("The gateway is switched off."))
    return redirect("gateway-detail", gateway.pk)


@require_POST
def gateway_remove(request: HttpRequest, pk: int) -> HttpResponse:
    gateway = _gateway_or_404(pk)
    services.remove_gateway(gateway, by=request.user)
    messages.success(request, _("The gateway is removed."))
    return redirect("gateway-list")


@require_POST
def gateway_try(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the message shows what becomes of it."""
    gateway = _gateway_or_404(pk)
    form = TryForm(request.POST)
    address = form.cleaned_data["address"] if form.is_valid() else ""
    message = services.try_gateway(gateway, address=address, by=request.user)
    return redirect("message-detail", message.pk)


@require_POST
def gateway_reconnect(request: HttpRequest, pk: int, circuit: int) -> HttpResponse:
    gateway = _gateway_or_404(pk)
    services.reconnect_gateway(gateway, circuit_id=circuit, by=request.user)
    messages.success(request, _("It is tried again."))
    return redirect("gateway-detail", gateway.pk)


@require_POST
def outbox_hold(request: HttpRequest) -> HttpResponse:
    services.hold_outbox(reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, _("Nothing is sent until sending is released."))
    return redirect("gateway-list")


@require_POST
def outbox_release(request: HttpRequest) -> HttpResponse:
    services.release_outbox(by=request.user)
    messages.success(request, _("Messages are sent again."))
    return redirect("gateway-list")
