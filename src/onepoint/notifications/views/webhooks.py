"""Other systems that are told."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core import audit
from onepoint.core.submitting import status_of
from onepoint.core.timeline import told
from onepoint.notifications import registry, services
from onepoint.notifications.forms import SubscriptionForm
from onepoint.notifications.models import WebhookSubscription
from onepoint.notifications.queries import webhooks as queries
from onepoint.notifications.views.submitting import for_managers, succeeds


def _subscription_or_404(pk: int) -> WebhookSubscription:
    found = queries.find_subscription(pk)
    if found is None:
        raise Http404
    return found


@require_GET
@for_managers
def list_subscriptions(request: HttpRequest) -> HttpResponse:
    rows = [(row, [registry.label_of(event) for event in row.events]) for row in queries.webhook_subscriptions()]
    return render(request, "notifications/webhooks.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@for_managers
def create_subscription(request: HttpRequest) -> HttpResponse:
    form = SubscriptionForm(request.POST or None)
    if request.method == "POST" and succeeds(form, lambda: services.subscribe(**form.cleaned_data, by=request.user)):
        messages.success(request, _("Subscribed."))
        return redirect("webhook-list")
    return render(request, "notifications/webhook.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "POST"])
@for_managers
def change_subscription(request: HttpRequest, pk: int) -> HttpResponse:
    row = _subscription_or_404(pk)
    form = SubscriptionForm(request.POST or None, instance=row)
    if request.method == "POST" and succeeds(
        form, lambda: services.change_subscription(row, **form.cleaned_data, by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("webhook-list")
    context = {"form": form, "row": row, "history": told(audit.entries_of("webhook", row.pk))}
    return render(request, "notifications/webhook.html", context, status=status_of(form))


@require_POST
@for_managers
def unsubscribe(request: HttpRequest, pk: int) -> HttpResponse:
    services.unsubscribe(_subscription_or_404(pk), by=request.user)
    messages.success(request, _("Subscription removed."))
    return redirect("webhook-list")
