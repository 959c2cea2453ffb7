"""The intake: one screen from the telephone number to the journal entry or the ticket, with nothing typed twice."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.accounts.models import Region
from onepoint.accounts.services import privacy
from onepoint.channels import queries as channel_queries
from onepoint.channels.models import Contact
from onepoint.core import clock, drafts, masking, staging, stamped
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.models import StagedFile
from onepoint.customers import queries as customer_queries
from onepoint.customers.models import Customer
from onepoint.customers.policies import PossibleDuplicate
from onepoint.customers.states import CustomerKind
from onepoint.dynamic_forms.filling import ItemsForm, build_form
from onepoint.grants import policies as grant_policies
from onepoint.grants import queries as grant_queries
from onepoint.grants.limits import Place
from onepoint.regulators import policies as regulator_policies
from onepoint.regulators.handed_on import PLACE as REGULATOR_DRAFT
from onepoint.tickets import intake_rights, urging_rights
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets import services as ticket_services
from onepoint.tickets.likeness import similar_tickets
from onepoint.tickets.mass_incidents import open_incidents_for
from onepoint.tickets.models import Category, MassIncident, Ticket
from onepoint.tickets.policies import CategoryNotUsable
from onepoint.tickets.services import Intake, Registered
from onepoint.tickets.states import TicketKind, Urgency
from onepoint.workspace import services
from onepoint.workspace.forms import PLACES, IntakeForm, usual_channel
from onepoint.workspace.services import OnTheSpot

CANDIDATES = 8
#: Read by the script that keeps drafts; how long it keeps them and how many ended forms it is told of.
ENDED_COOKIE = "onepoint_intake_ended"
ENDED_KEPT = 8
DRAFT_HOURS = 12
DRAFT_PLACE = "intake"  # of the draft on the server
RAIL_LENGTH = 8


def _chosen(request: HttpRequest, number: str) -> Customer | None:
    return customer_queries.find_customer(number, visible_to=request.user) if number else None


def _carried_on(request: HttpRequest, number: str) -> Contact | None:
    """The open contact that is being turned into something; one that is settled already is not carried on."""
    if not number:
        return None
    contact = channel_queries.find_contact(number, visible_to=request.user)
    if contact is None:
        raise Http404
    return contact


def _bundled_with(request: HttpRequest, number: str) -> Ticket | None:
    """The ticket the same conversation has already yielded."""
    if not number:
        return None
    ticket = ticket_queries.find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    return ticket


def _of_bundle(ticket: Ticket) -> dict[str, Any]:
    """What a further request takes over from the first: one customer, one promise."""
    return {
        "bundle": ticket.number, "channel": ticket.channel, "contact_name": ticket.contact_name,
        "contact_phone": ticket.contact_phone if masking.sees("phone") else "",
        "promised_reply_channel": ticket.promised_reply_channel, "promised_reply_at": ticket.promised_reply_at,
    }  # fmt: skip


def _initial(request: HttpRequest, contact: Contact | None) -> dict[str, Any]:
    region = request.user.unit.region if request.user.unit else None
    initial: dict[str, Any] = {
        "request_key": uuid4(),
        "began_at": clock.now().isoformat(),
        "channel": request.session.get("intake_channel") or usual_channel(request.user),
        "kind": TicketKind.COMPLAINT,
        "urgency": Urgency.NORMAL,
        "new_kind": CustomerKind.PERSON,
        "new_region": region,
        "q": request.GET.get("phone", "")[:120],
    }
    if contact:
        category = ticket_queries.category_by_code(contact.category_code) if contact.category_code else None
        initial |= {
            "contact": contact.number, "channel": contact.channel, "q": masking.shown(contact.caller_number, "phone"),
            "title": masking.shown_words(contact.subject), "description": masking.shown_words(contact.content),
            "contact_name": contact.caller_name, "category": category,
        }  # fmt: skip
    return initial


def _typed(data: QueryDict, **changes: str) -> dict[str, Any]:
    """What was typed so far, to be shown again without being judged yet."""
    return {name: data.get(name, "") for name in IntakeForm.base_fields if name != "attachments"} | changes


def _special_form(category: Category | None, data: QueryDict | None, *, judged: bool) -> ItemsForm | None:
    """The special items the category asks for, with what was typed; ``judged`` shows what is wrong with them."""
    version = ticket_queries.form_version_of(category) if category else None
    if version is None:
        return None
    if judged:
        return build_form(version, data=data)
    typed = {
        key.removeprefix("items-"): value for key, value in (data or QueryDict()).items() if key.startswith("items-")
    }
    return build_form(version, initial=typed or None)


def _known_of(request: HttpRequest, customer: Customer | None) -> dict[str, Any]:
    """What stands beside the form: what the customer owns, open tickets, the last contacts."""
    if customer is None:
        return {"customer": None}
    return {
        "customer": customer,
        "accounts": [account for account in customer_queries.accounts_of(customer) if account.is_open],
        "assets": [asset for asset in customer_queries.assets_of(customer) if asset.is_active],
        "open_tickets": ticket_queries.tickets_of_customer(
            customer.pk, alive=True, visible_to=request.user, limit=RAIL_LENGTH
        ),
        "may_urge": urging_rights.why_not_urge(request.user) is None,
        "contacts": channel_queries.contacts_of(customer, visible_to=request.user, limit=RAIL_LENGTH),
    }


def _page(
    request: HttpRequest, form: IntakeForm, special: ItemsForm | None, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "form": form,
        "special": special,
        **_known_of(request, form.chosen),
        "may_register_customer": intake_rights.why_not_register_customer(request.user) is None,
        "why_not_ticket": intake_rights.why_not_register(request.user),
        "why_not_solve": intake_rights.why_not_solve(request.user),
        "has_results": bool(channel_queries.contact_results()),
        "may_grant": grant_policies.why_not_give(request.user) is None,
        "shows_grant": form.names_grant,
        "may_hand_on": regulator_policies.why_not_register(request.user) is None,
        "origin_fields": form.origin_fields(),
        **more,
    }
    return render(request, "workspace/intake.html", context, status=status)


@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    require(intake_rights.why_not_take_in(request.user))
    if request.method == "GET":
        contact = _carried_on(request, request.GET.get("contact", "")[:24])
        bundle = _bundled_with(request, request.GET.get("bundle", "")[:24])
        known = contact.customer if contact else bundle.customer if bundle else None
        number = known.number if known else request.GET.get("customer", "")[:24]
        initial = _initial(request, contact) | (_of_bundle(bundle) if bundle else {})
        form = IntakeForm(initial=initial, chosen=_chosen(request, number), carried_on=contact, bundled_with=bundle)
        candidates = _candidates(request, initial["q"]) if initial["q"] and not form.chosen else None
        special = _special_form(initial.get("category"), None, judged=False)
        return _page(request, form, special, candidates=candidates, is_fresh=not request.GET)
    usual = "solve" if intake_rights.why_not_register(request.user) else "ticket"
    step, _colon, argument = request.POST.get("do", usual).partition(":")
    if step in ("ticket", "another", "solve"):
        with stamped.as_of(request.user.stamps):  # nothing that is taken in changes what the process keeps
            return _submit(request, step)
    if step in ("add", "urge"):
        return _submit(request, step, _bundled_with(request, argument[:24]))
    if step == "regulator":
        return _hand_on(request)
    return _step_without_script(request, step, argument)


def _step_without_script(request: HttpRequest, step: str, argument: str) -> HttpResponse:
    """Find, choose, forget or show the special items, as HTMX does it piece by piece; nothing typed is lost."""
    number = {"choose": argument, "forget": ""}.get(step, request.POST.get("customer", ""))[:24]
    carried_on = _carried_on(request, request.POST.get("contact", "")[:24])
    bundle = _bundled_with(request, request.POST.get("bundle", "")[:24])
    form = IntakeForm(
        initial=_typed(request.POST, customer=number),
        chosen=_chosen(request, number),
        carried_on=carried_on,
        bundled_with=bundle,
    )
    candidates = _candidates(request, request.POST.get("q", "")) if step == "find" else None
    category = _category(request.POST.get("category", ""))
    kept = staging.staged_files(request.POST.getlist("kept"), by=request.user) + _keep_files(request, form)
    special = _special_form(category, request.POST, judged=False)
    return _page(request, form, special, candidates=candidates, kept=kept, **_grant_context(request, form, category))


def _category(text: str) -> Category | None:
    return ticket_queries.category_by_id(int(text)) if text.isdecimal() and len(text) < 18 else None


def _found_beside(request: HttpRequest, category: Category | None, customer: Customer | None) -> dict[str, Any]:
    """What was ticked beside the form: a ticket it is related to, one of the mass incidents it was offered."""
    related, incident = (request.POST.get(name, "")[:24] for name in ("related", "incident"))
    offered = _incidents(request, category, customer) if incident else []
    return {
        "related_to": ticket_queries.find_ticket(related, visible_to=request.user) if related else None,
        "incident": next((one for one in offered if one.number == incident), None),
    }


def _region_of(request: HttpRequest, customer: Customer | None) -> Region | None:
    """Where it probably is: the customer's place, else the agent's."""
    return customer.region if customer else request.user.unit.region if request.user.unit else None


def _text_of(request: HttpRequest) -> str:
    return "\n".join(request.POST.get(name, "").replace("\x00", "")[:2000] for name in ("title", "description")).strip()


def _incidents(request: HttpRequest, category: Category | None, customer: Customer | None) -> list[MassIncident]:
    text = _text_of(request)
    return open_incidents_for(category, _region_of(request, customer), text) if category or text else []


def _submit(request: HttpRequest, step: str, ticket: Ticket | None = None) -> HttpResponse:
    """``ticket`` is the one to which what was typed is added, or which it urges; otherwise a new one is made."""
    chosen = _chosen(request, request.POST.get("customer", "")[:24])
    carried_on = _carried_on(request, request.POST.get("contact", "")[:24])
    bundle = _bundled_with(request, request.POST.get("bundle", "")[:24])
    form = IntakeForm(request.POST, request.FILES, chosen=chosen, carried_on=carried_on, bundled_with=bundle)
    is_right = form.is_valid()
    category = form.cleaned_data.get("category")
    makes_ticket = step in ("ticket", "another")
    special = _special_form(category, request.POST, judged=makes_ticket)
    if makes_ticket and special is not None:
        is_right = special.is_valid() and is_right
    if step == "solve" and (request.FILES or request.POST.getlist("kept")):
        form.add_error("attachments", _("Files can be kept only with a ticket."))
        is_right = False
    duplicates: list[Customer] = []
    kept = staging.staged_files(request.POST.getlist("kept"), by=request.user)
    if is_right:
        found = _found_beside(request, category, chosen) if makes_ticket else {}
        filled = form.intake(special.items if special and makes_ticket else {}, kept, **found)
        try:
            made = _run(request, step, filled, form.on_the_spot(), ticket)
            staging.forget_staged(kept, by=request.user)
            drafts.forget_draft(DRAFT_PLACE, by=request.user)
            return _remember_ended(request, _ended(request, made, step), str(filled.request_key))
        except PossibleDuplicate as refusal:
            duplicates = refusal.customers
        except BusinessError as refusal:
            _show_refusal(form, refusal)
    kept += _keep_files(request, form)
    return _page(request, form, special, status=422, duplicates=duplicates, kept=kept)


def _keep_files(request: HttpRequest, form: IntakeForm) -> list[StagedFile]:
    """The files of a refused form stay with it; one that no form would take is named beside the field."""
    kept = []
    for upload in request.FILES.getlist("attachments"):
        try:
            kept.append(staging.stage_file(upload, by=request.user))
        except InvalidInput as refusal:
            for sentence in refusal.errors.values():
                if form.is_bound and str(sentence) not in form.errors.get("attachments", ()):
                    form.add_error("attachments", str(sentence))
    return kept


def _run(request: HttpRequest, step: str, filled: Intake, spot: OnTheSpot | None, ticket: Ticket | None) -> Registered:
    if request.session.get("intake_channel") != filled.channel:  # writing it takes a statement
        request.session["intake_channel"] = filled.channel
    if ticket is not None and step == "add":
        return ticket_services.add_request(filled, ticket, by=request.user)
    if ticket is not None:
        return ticket_services.urge_by_request(filled, ticket, by=request.user)
    if spot is not None:
        take_in = services.solve_with_grant if step == "solve" else services.register_with_grant
        return take_in(filled, spot, by=request.user)
    if step == "solve":
        return ticket_services.solve_request(filled, by=request.user)
    return ticket_services.register_request(filled, by=request.user)


def _ended(request: HttpRequest, made: Registered, step: str) -> HttpResponse:
    if made.ticket is not None and step in ("add", "urge"):
        text = _("Added to ticket %(number)s.") if step == "add" else _("Ticket %(number)s is urged.")
        messages.success(request, text % {"number": made.ticket.number})
        return redirect(made.ticket)
    if made.ticket is not None:
        messages.success(request, _("Ticket %(number)s is registered.") % {"number": made.ticket.number})
        return redirect(f"{reverse('intake')}?bundle={made.ticket.number}" if step == "another" else made.ticket)
    if made.contact is not None:
        messages.success(
            request, _("Solved at once: contact %(number)s is journaled.") % {"number": made.contact.number}
        )
    return redirect("intake")


def _remember_ended(request: HttpRequest, response: HttpResponse, request_key: str) -> HttpResponse:
    """Tell this browser that the form is done with, so that its draft is not brought back.

    A cookie, not the session: the draft outlives a log-out, and a draft of a form that never arrived must be kept.
    """
    earlier = [key for key in request.COOKIES.get(ENDED_COOKIE, "").split(".") if key and key != request_key]
    response.set_cookie(
        ENDED_COOKIE,
        ".".join([request_key, *earlier][:ENDED_KEPT]),
        max_age=DRAFT_HOURS * 3600,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _show_refusal(form: IntakeForm, refusal: BusinessError) -> None:
    if isinstance(refusal, InvalidInput):
        for name, sentence in refusal.errors.items():
            place = PLACES.get(name, name)
            form.add_error(place if place in form.fields else None, str(sentence))
    else:
        form.add_error("category" if isinstance(refusal, CategoryNotUsable) else None, str(refusal))


def _candidates(request: HttpRequest, text: str) -> list[Customer]:
    return customer_queries.find_customers(text, visible_to=request.user, limit=CANDIDATES)


@require_GET
def intake_candidates(request: HttpRequest) -> HttpResponse:
    """Fragment while typing: who it may be."""
    require(intake_rights.why_not_take_in(request.user))
    text = request.GET.get("q", "")[:120]
    context = {"candidates": _candidates(request, text), "text": text.strip()}
    return render(request, "workspace/_candidates.html", context)


@require_GET
def intake_customer(request: HttpRequest) -> HttpResponse:
    """Fragment: the customer section with the chosen customer (or with nobody), and what is known beside the form."""
    require(intake_rights.why_not_take_in(request.user))
    number = request.GET.get("customer", "")[:24]
    chosen = _chosen(request, number)
    if number and chosen is None:
        raise Http404
    if chosen:
        privacy.note_reading("customer", chosen.pk, by=request.user)
    region = request.user.unit.region if request.user.unit else None
    initial = {"customer": number, "q": request.GET.get("q", "")[:120], "new_region": region}
    context = {
        "form": IntakeForm(initial=initial, chosen=chosen),
        **_known_of(request, chosen),
        "may_register_customer": intake_rights.why_not_register_customer(request.user) is None,
        "may_grant": grant_policies.why_not_give(request.user) is None,
        "with_rail": True,
    }
    return render(request, "workspace/_customer.html", context)


@require_POST
def intake_similar(request: HttpRequest) -> HttpResponse:
    """Fragment while typing: tickets that may be about the same matter, and mass incidents that are known."""
    require(intake_rights.why_not_take_in(request.user))
    customer = _chosen(request, request.POST.get("customer", "")[:24])
    category = _category(request.POST.get("category", ""))
    number = "" if customer else request.POST.get("q", "").replace("\x00", "")[:120]
    region = _region_of(request, customer)
    candidates = similar_tickets(
        customer=customer, number=number, category=category, text=_text_of(request), since=None,
        region_id=region.pk if region else None, visible_to=request.user, limit=RAIL_LENGTH,
    )  # fmt: skip
    context = {
        "candidates": candidates,
        "incidents": _incidents(request, category, customer),
        "related": request.POST.get("related", ""),
        "incident": request.POST.get("incident", ""),
        "may_register": intake_rights.why_not_register(request.user) is None,
        "may_add": intake_rights.why_not_solve(request.user) is None,
        "may_urge": urging_rights.why_not_urge(request.user) is None,
    }
    return render(request, "workspace/_similar.html", context)


@require_POST
def intake_items(request: HttpRequest) -> HttpResponse:
    """Fragment: the special items of the category just chosen, with what was typed for the same items before."""
    require(intake_rights.why_not_take_in(request.user))
    category = _category(request.POST.get("category", ""))
    context = {
        "special": _special_form(category, request.POST, judged=False),
        "usual_severity": ticket_queries.usual_severity(category) if category else None,
    }
    return render(request, "workspace/_items.html", context)


@require_POST
def intake_origin(request: HttpRequest) -> HttpResponse:
    """Fragment: what the channel just chosen asks about how the customer came."""
    require(intake_rights.why_not_take_in(request.user))
    form = IntakeForm(initial=_typed(request.POST))
    return render(request, "workspace/_origin.html", {"form": form, "origin_fields": form.origin_fields()})


@require_POST
def intake_grant(request: HttpRequest) -> HttpResponse:
    """Fragment: what may be granted the chosen customer on the spot, with what was typed of it."""
    require(intake_rights.why_not_take_in(request.user))
    require(grant_policies.why_not_give(request.user))
    chosen = _chosen(request, request.POST.get("customer", "")[:24])
    form = IntakeForm(initial=_typed(request.POST), chosen=chosen)
    context = {"form": form, **_grant_context(request, form, _category(request.POST.get("category", "")))}
    return render(request, "workspace/_grant.html", context)


def _grant_context(request: HttpRequest, form: IntakeForm, category: Category | None) -> dict[str, Any]:
    """What the reader may grant the chosen customer without asking anybody."""
    if form.chosen is None or grant_policies.why_not_give(request.user):
        return {}
    place = Place(category, form.chosen, form.chosen.region, request.user.unit)
    return {"allowances": grant_queries.allowances(place, by=request.user), "shows_grant": True}


def _hand_on(request: HttpRequest) -> HttpResponse:
    """It came from an authority: what was typed goes on to the registration of its case."""
    require(regulator_policies.why_not_register(request.user))
    chosen = _chosen(request, request.POST.get("customer", "")[:24])
    form = IntakeForm(initial=_typed(request.POST), chosen=chosen)
    kept = staging.staged_files(request.POST.getlist("kept"), by=request.user) + _keep_files(request, form)
    content = {
        "subject": request.POST.get("title", "")[:200], "content": request.POST.get("description", "")[:8000],
        "customer": chosen.number if chosen else "", "category": request.POST.get("category", "")[:18],
        "customer_name": "" if chosen else (request.POST.get("new_name") or request.POST.get("contact_name", ""))[:80],
        "customer_phone": "" if chosen else (request.POST.get("contact_phone") or request.POST.get("q", ""))[:40],
        "contact": request.POST.get("contact", "")[:24], "kept": [str(file.token) for file in kept],
    }  # fmt: skip
    drafts.save_draft(REGULATOR_DRAFT, content, by=request.user)
    drafts.forget_draft(DRAFT_PLACE, by=request.user)
    response = redirect(f"{reverse('regulator-case-create')}?handed_on=1")
    return _remember_ended(request, response, request.POST.get("request_key", "")[:36])
