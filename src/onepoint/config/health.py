"""Whether the house is well, for load balancers and watchers; no login, nothing confidential."""

import ipaddress
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from onepoint.core import metrics
from onepoint.core.wellbeing import database_answers, state_of_house

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The whole house: 503 when the database does not answer or no worker has shown itself lately."""
    state = state_of_house()
    return JsonResponse(state, status=200 if state["ok"] else 503)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """This web process: 200 when it can serve pages, so that a load balancer sends it visitors."""
    ready = database_answers()
    return JsonResponse({"ok": ready}, status=200 if ready else 503)


@never_cache
@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: to who shows the token, or without one to this machine alone; 404 for everybody else."""
    if not _may_read_metrics(request):
        raise Http404
    return HttpResponse(metrics.latest(), content_type=EXPOSITION)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return compare_digest(shown.encode(), settings.METRICS_TOKEN.encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False  # came through a proxy on this machine
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
