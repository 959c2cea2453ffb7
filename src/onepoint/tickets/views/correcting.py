"""Correcting the items of a ticket. Of two people who save, the second compares field by field (demand 15)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onepoint.core import drafts, masking
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.fixed_fields import fix_fields
from onepoint.dynamic_forms.filling import ItemsForm, build_form
from onepoint.tickets import item_rights, policies, queries, services, three_way
from onepoint.tickets.forms import CorrectionForm
from onepoint.tickets.item_labels import ITEM_LABELS
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.three_way import MINE, THEIRS, Difference
from onepoint.tickets.views.detail import ticket_or_404


def draft_place(ticket: Ticket) -> str:
    """Where what is typed into the form is kept."""
    return f"ticket:{ticket.pk}:correct"


def _is_switching(request: HttpRequest) -> bool:
    """Whether only the category was changed and its special items are wanted, nothing saved."""
    return "switch" in request.POST


def _special_form(ticket: Ticket, category: Category, request: HttpRequest) -> ItemsForm | None:
    """The form of special items in force for the category, filled with what the ticket has or with what was typed."""
    version = queries.form_version_of(category)
    if version is None:
        return None
    data = request.POST if request.method == "POST" and not _is_switching(request) else None
    form = build_form(version, data=data, initial=ticket.special_items)
    rights = item_rights.rights_of(ticket, request.user)
    fix_fields(
        form,
        read_only=rights.special_keys(rights.read_only, form.fields),
        hidden=rights.special_keys(rights.hidden, form.fields),
    )
    return form


def _wants_special_items(request: HttpRequest, ticket: Ticket, category: Category) -> bool:
    """A ticket that came in without special items, from a file or another system, need not get them on a correction."""
    typed = any(value for name, value in request.POST.items() if name.startswith("items-"))
    return typed or ticket.form_version is not None or category != ticket.category


@dataclass
class Correcting:
    """One request about the correction form."""

    request: HttpRequest
    ticket: Ticket
    form: CorrectionForm
    special: ItemsForm | None
    wanted: ItemsForm | None

    def page(self, status: int) -> HttpResponse:
        context = {
            "ticket": self.ticket,
            "form": self.form,
            "special": self.special,
            "draft_place": draft_place(self.ticket),
        }
        return render(self.request, "tickets/correct.html", context, status=status)

    def refused(self, refusal: BusinessError) -> HttpResponse:
        """The form with the reason and all that was typed."""
        if isinstance(refusal, InvalidInput):
            for name, text in refusal.errors.items():
                self.form.add_error(name if name in self.form.fields else None, str(text))
        else:
            self.form.add_error(None, str(refusal))
        return self.page(refusal.status)

    def save(self) -> HttpResponse:
        correction = self.form.correction(self.special_items())
        for name in list(correction.given()):
            if self.request.POST.get(f"choice-{name}") == THEIRS:
                correction = correction.without(name)
        try:
            version = self.form.cleaned_data["version"]
            services.correct_ticket(self.ticket, correction, version=version, by=self.request.user)
        except SomebodyWasFaster:
            return self.compare()
        except BusinessError as refusal:
            return self.refused(refusal)
        drafts.forget_draft(draft_place(self.ticket), by=self.request.user)
        messages.success(self.request, _("Saved."))
        return redirect(self.ticket)

    def special_items(self) -> dict[str, Any] | None:
        """What was typed into the special items, save those for which the other person's value was chosen."""
        if self.wanted is None:
            return None
        items = dict(self.wanted.items)
        for key in {*items, *self.ticket.special_items}:
            if self.request.POST.get(f"choice-items-{key}") == THEIRS:
                items.pop(key, None)
                if key in self.ticket.special_items:
                    items[key] = self.ticket.special_items[key]
        return items

    def compare(self) -> HttpResponse:
        """Somebody saved in between: mine, theirs and the original side by side; nothing typed is lost."""
        ticket = ticket_or_404(self.request, self.ticket.number)
        entries = queries.corrections_since(ticket, self.form.cleaned_data["version"])
        given = self.form.correction(self.wanted.items if self.wanted else None).given()
        fixed = item_rights.rights_of(ticket, self.request.user).fixed
        found = [
            difference
            for difference in three_way.differences(ticket, given, three_way.originals_before(entries))
            if difference.name.replace("items-", "items.", 1) not in fixed  # not theirs to see or to change
        ]
        if not found:
            drafts.forget_draft(draft_place(ticket), by=self.request.user)
            messages.info(self.request, _("Somebody else has just saved the very same."))
            return redirect(ticket)
        context = {
            "ticket": ticket,
            "rows": [self._row(difference, ticket) for difference in found],
            "typed": self._typed(),
            "entries": entries,
            "clashes": sum(difference.is_clash for difference in found),
            "draft_place": draft_place(ticket),
        }
        return render(self.request, "tickets/compare.html", context, status=409)

    def _row(self, difference: Difference, ticket: Ticket) -> dict[str, Any]:
        name = difference.name
        label = ITEM_LABELS.get(name) or self._special_label(name.removeprefix("items-"), ticket)
        chosen = self.request.POST.get(f"choice-{name}", difference.preset)
        return {
            "name": name, "label": label, "is_clash": difference.is_clash,
            "chosen": chosen if chosen in (MINE, THEIRS) else difference.preset,
            "mine": self._words(name, difference.mine), "theirs": self._words(name, difference.theirs),
            "original": self._words(name, difference.original, like=difference.theirs or difference.mine),
        }  # fmt: skip

    def _words(self, name: str, value: Any, like: Any = None) -> str:
        field = self.form.fields.get(name)
        choices = dict(getattr(field, "choices", ())) if field is not None and isinstance(value, str) else {}
        text = str(choices.get(value, three_way.shown(value, like)))
        return masking.shown(text, "phone") if name == "contact_phone" else masking.shown_words(text)

    def _special_label(self, key: str, ticket: Ticket) -> str:
        english = (get_language() or "").startswith("en")
        for version in (ticket.form_version, queries.form_version_of(ticket.category)):
            for field in version.schema["fields"] if version else ():
                if field["key"] == key:
                    return str(field.get("label_en") if english and field.get("label_en") else field["label"])
        return key

    def _typed(self) -> list[tuple[str, str]]:
        """What was typed, to be sent again with the choices."""
        left_out = ("csrfmiddlewaretoken", "version", "switch")
        return [
            (name, value)
            for name, values in self.request.POST.lists()
            for value in values
            if name not in left_out and not name.startswith("choice-")
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def correct_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Correct the items. Another category shows its special items first (the button “switch”)."""
    ticket = ticket_or_404(request, number)
    refusal = policies.why_not_correct(ticket, request.user)
    if request.method != "POST":
        require(refusal)
    form = CorrectionForm(request.POST if request.method == "POST" else None, ticket=ticket, user=request.user)
    category = ticket.category
    if form.is_bound and form.is_valid():
        category = form.cleaned_data["category"]
    special = _special_form(ticket, category, request)
    wanted = special if special and form.is_bound and _wants_special_items(request, ticket, category) else None
    correcting = Correcting(request, ticket, form, special, wanted)
    if request.method != "POST" or _is_switching(request):
        return correcting.page(200)
    if refusal:
        form.is_valid()
        return correcting.refused(refusal)
    is_right = form.is_valid() & (wanted is None or wanted.is_valid())
    return correcting.save() if is_right else correcting.page(422)
