"""The worklist of records that may be one customer, the screen that makes them one, and undoing it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core import masking
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.customers import policies, queries, services
from onepoint.customers.forms.merging import MergeForm, OtherCustomerForm, PairFilter
from onepoint.customers.merging import holders
from onepoint.customers.models import Customer, LikelyPair
from onepoint.customers.queries import likeness
from onepoint.customers.services.merging import TAKEABLE
from onepoint.customers.views.records import customer_or_404

COLUMNS = [
    Column("score", gettext_lazy("Likelihood"), ("score",), "num"),
    Column("first", gettext_lazy("Customer"), (), "wide"),
    Column("second", gettext_lazy("Perhaps the same as"), (), "wide"),
    Column("why", gettext_lazy("Why")),
    Column("found", gettext_lazy("Found"), ("found_at",), "num"),
    Column("actions", "", (), "actions"),
]
#: What is masked for those who may not see it in full.
PERSONAL = {"id_number": "identity", "address": "address"}


@require_GET
def pair_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_merge_at_all(request.user))
    form = PairFilter(request.GET)
    found = likeness.filtered_pairs(visible_to=request.user, **form.criteria())
    page = make_page(found, COLUMNS, request.GET, default_sort="-score")
    return render(request, "customers/pairs.html", {"form": form, "page": page})


def _pair_or_404(request: HttpRequest, pair_id: int) -> LikelyPair:
    pair = likeness.find_pair(pair_id, visible_to=request.user)
    if pair is None:
        raise Http404
    return pair


@require_POST
def pair_apart(request: HttpRequest, pair_id: int) -> HttpResponse:
    services.tell_apart(_pair_or_404(request, pair_id), by=request.user)
    messages.success(request, _("Noted: they are not the same customer."))
    return redirect("customer-pair-list")


@require_POST
def pair_again(request: HttpRequest, pair_id: int) -> HttpResponse:
    services.propose_again(_pair_or_404(request, pair_id), by=request.user)
    messages.success(request, _("The pair is on the worklist again."))
    return redirect("customer-pair-list")


@require_http_methods(["GET", "POST"])
def merge_choose(request: HttpRequest, number: str) -> HttpResponse:
    """Which other record is it? Those that look alike are proposed."""
    customer = customer_or_404(request, number)
    require(policies.why_not_merge_customer(customer, request.user))
    others = queries.customers_visible_to(request.user).active().exclude(pk=customer.pk)
    form = OtherCustomerForm(request.POST or None, customers=others)
    if request.method == "POST" and form.is_valid():
        return redirect("customer-merge", customer.number, form.cleaned_data["other"].number)
    pairs = likeness.open_pairs_of(customer, visible_to=request.user)
    proposed = [(pair, pair.second if pair.first_id == customer.pk else pair.first) for pair in pairs]
    context = {"customer": customer, "form": form, "proposed": proposed}
    return render(request, "customers/merge_choose.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, number: str, other: str) -> HttpResponse:
    """Both records side by side: which one is kept, and which values."""
    left, right = customer_or_404(request, number), customer_or_404(request, other)
    require(policies.why_not_merge(left, right, request.user))
    form = MergeForm(request.POST or None, left=left, right=right, initial=_initial(left, right))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            kept, merged = form.kept()
            try:
                services.merge_customers(kept, merged, by=request.user, **form.values())
            except InvalidInput as refusal:
                add_refusal(form, refusal)
            except SomebodyWasFaster as refusal:
                status = refusal.status
                left, right = customer_or_404(request, number), customer_or_404(request, other)
                form = _over(form, left, right, str(refusal))
            else:
                text = _("%(merged)s was merged into %(kept)s. This can be undone for a day.")
                messages.success(request, text % {"merged": merged.number, "kept": kept.number})
                return redirect("customer-detail", kept.number)
    return render(request, "customers/merge.html", _context(form, left, right), status=status)


def _initial(left: Customer, right: Customer) -> dict[str, Any]:
    """The older record is kept; a value the other one alone has is taken."""
    older, newer = sorted((left, right), key=lambda row: row.pk)
    initial: dict[str, Any] = {"keep": older.number, f"version-{left.number}": left.version}
    initial[f"version-{right.number}"] = right.version
    for name in TAKEABLE:
        initial[f"value-{name}"] = newer.number if _is_empty(older, name) else older.number
    return initial


def _is_empty(customer: Customer, name: str) -> bool:
    return getattr(customer, name) in ("", None)


def _over(form: MergeForm, left: Customer, right: Customer, sentence: str) -> MergeForm:
    """The choices made, now over the versions another person has just saved."""
    posted: Any = form.data
    chosen = posted.copy()
    for row in (left, right):
        chosen[f"version-{row.number}"] = str(row.version)
    fresh = MergeForm(chosen, left=left, right=right)
    fresh.is_valid()
    fresh.add_error(None, f"{sentence} {_('Look at both again, then merge.')}")
    return fresh


def _context(form: MergeForm, left: Customer, right: Customer) -> dict[str, Any]:
    rows = []
    for name in TAKEABLE:
        shown = [_shown(row, name) for row in (left, right)]
        if any(shown):
            differs = getattr(left, name) != getattr(right, name)
            rows.append({"name": f"value-{name}", "label": getattr(Customer._meta.get_field(name), "verbose_name", name),
                         "left": shown[0], "right": shown[1], "differs": differs,
                         "chosen": form[f"value-{name}"].value() or form["keep"].value()})  # fmt: skip
    belongings = []
    for row in (left, right):
        hanging = [(holder.label, holder.count(row)) for holder in holders()]
        belongings.append(
            {
                "accounts": queries.accounts_of(row), "assets": queries.assets_of(row),
                "persons": queries.contact_persons_of(row), "hanging": hanging,
            }
        )  # fmt: skip
    return {
        "form": form,
        "left": left,
        "right": right,
        "rows": rows,
        "sides": list(zip((left, right), belongings, strict=True)),
    }


def _shown(customer: Customer, name: str) -> str:
    value = getattr(customer, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in ("", None):
        return ""
    if name in PERSONAL:
        return masking.shown(value, PERSONAL[name])
    display = getattr(customer, f"get_{name}_display", None)
    text = display() if display else getattr(value, "label", value)
    return masking.shown_words(str(text)) if name == "note" else str(text)


@require_POST
def merge_undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    found = likeness.find_merge(merge_id, visible_to=request.user)
    if found is None:
        raise Http404
    stays = services.undo_merge(found, by=request.user)
    messages.success(request, _("The merge is undone; both records are as they were."))
    if stays:
        text = _("%(count)s values or entries changed since the merge stay with %(number)s.")
        messages.warning(request, text % {"count": sum(stays.values()), "number": found.survivor.number})
    return redirect("customer-detail", found.merged.number)
