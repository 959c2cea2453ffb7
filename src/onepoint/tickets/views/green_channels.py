"""The screen of green channels."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.timeline import told
from onepoint.tickets import green_channels
from onepoint.tickets.green_forms import GreenChannelForm
from onepoint.tickets.models import GreenChannel
from onepoint.tickets.services.green_channels import change_green_channel, create_green_channel


@require_safe
def list_green_channels(request: HttpRequest) -> HttpResponse:
    require(green_channels.why_not_manage_green(request.user))
    return render(request, "tickets/green_channels.html", {"rows": green_channels.all_channels()})


def _save(request: HttpRequest, row: GreenChannel | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = GreenChannelForm.of(row, data) if row else GreenChannelForm(data)
    if form.is_bound and form.is_valid():
        try:
            if row is None:
                create_green_channel(form.items(), by=request.user)
            else:
                version = form.cleaned_data["version"] or 0
                change_green_channel(row, form.items(), version=version, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved. It counts for what is taken in from now on."))
            return redirect("green-channel-list")
    history = told(green_channels.history_of(row)) if row else []
    context = {"form": form, "row": row, "history": history}
    return render(request, "tickets/green_channel.html", context, status=422 if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def create_channel(request: HttpRequest) -> HttpResponse:
    require(green_channels.why_not_manage_green(request.user))
    return _save(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_channel(request: HttpRequest, pk: int) -> HttpResponse:
    require(green_channels.why_not_manage_green(request.user))
    row = green_channels.find_channel(pk)
    if row is None:
        raise Http404
    return _save(request, row)
