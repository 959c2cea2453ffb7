"""The screen of the rules of reminders."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.workflow import policies, services
from onepoint.workflow.models import ReminderRule
from onepoint.workflow.reminder_forms import ReminderRuleForm, in_words
from onepoint.workflow.urging import queries


@require_safe
def list_rules(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_view_rules(request.user))
    rows = [(rule, in_words(rule)) for rule in queries.reminder_rules()]
    may_change = policies.why_not_change_rules(request.user) is None
    return render(request, "workflow/reminder_rules.html", {"rows": rows, "may_change": may_change})


def _rule_or_404(pk: int) -> ReminderRule:
    rule = queries.find_rule(pk)
    if rule is None:
        raise Http404
    return rule


def _save(request: HttpRequest, rule: ReminderRule | None) -> HttpResponse:
    require(policies.why_not_change_rules(request.user))
    form = ReminderRuleForm(request.POST or None, rule=rule)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.save_reminder_rule(rule, form.items(), by=request.user)
            except InvalidInput as refusal:
                form.add_refusal(refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("reminder-rule-list")
    return render(request, "workflow/reminder_rule.html", {"form": form, "rule": rule}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def create_rule(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_rule(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_change_rules(request.user))
    return _save(request, _rule_or_404(pk))


@require_POST
def delete_rule(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_change_rules(request.user))
    services.delete_reminder_rule(_rule_or_404(pk), by=request.user)
    messages.success(request, _("Deleted."))
    return redirect("reminder-rule-list")
