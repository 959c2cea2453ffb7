"""Deciding about the large exports of others, and the limits above which that is needed."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from onepoint.accounts.policies import why_not_permitted
from onepoint.core import export_approval
from onepoint.core.errors import require
from onepoint.core.models import Export, ExportPolicy
from onepoint.core.submitting import status_of, succeeds
from onepoint.workspace import held_exports


class RefusalForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("Why it is refused"), max_length=300)


class ExportPolicyForm(forms.ModelForm):
    class Meta:
        model = ExportPolicy
        fields = ["is_on", "most_rows", "most_personal_values"]


@require_safe
def list_approvals(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted(export_approval.APPROVE, request.user))
    return _render_list(request)


def _render_list(request: HttpRequest, refused: int = 0, form: RefusalForm | None = None) -> HttpResponse:
    rows = held_exports.held_rows(visible_to=request.user)
    for row in rows:
        is_this = form is not None and row.export.pk == refused
        row.form = form if is_this and form is not None else RefusalForm(auto_id=f"refuse-{row.export.pk}-%s")
    return render(request, "workspace/approvals.html", {"rows": rows}, status=status_of(form) if form else 200)


def _held_or_404(request: HttpRequest, pk: int) -> Export:
    require(why_not_permitted(export_approval.APPROVE, request.user))
    export = held_exports.find_held(pk, visible_to=request.user)
    if export is None:
        raise Http404
    return export


@require_POST
def approve_export(request: HttpRequest, pk: int) -> HttpResponse:
    export_approval.approve_export(_held_or_404(request, pk), by=request.user)
    messages.success(request, _("Approved. Whoever asked for it can fetch the file for a day."))
    return redirect("export-approvals")


@require_POST
def refuse_export(request: HttpRequest, pk: int) -> HttpResponse:
    export = _held_or_404(request, pk)
    form = RefusalForm(request.POST, auto_id=f"refuse-{pk}-%s")
    if succeeds(form, lambda data: export_approval.refuse_export(export, words=data["words"], by=request.user)):
        messages.success(request, _("Refused. The file is deleted."))
        return redirect("export-approvals")
    return _render_list(request, pk, form)


def change_policy(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted(export_approval.CHANGE_POLICY, request.user))
    policy = export_approval.export_policy() or ExportPolicy(pk=1, is_on=False)
    form = ExportPolicyForm(request.POST or None, instance=policy)
    if request.method == "POST" and succeeds(
        form, lambda data: export_approval.change_export_policy(**data, by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("export-policy")
    return render(request, "workspace/export_policy.html", {"form": form}, status=status_of(form))
