"""What accounts asks about tickets: which of their values are personal data."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import field_rights
from onepoint.accounts.disclosure import PersonalValue, register_subject
from onepoint.accounts.explaining import (
    Explainer,
    Reason,
    not_without_seeing,
    of_audience,
    of_fields,
    of_permission,
    of_refusal,
    register_explainer,
)
from onepoint.accounts.models import User
from onepoint.core import masking
from onepoint.core.audit import name_verb
from onepoint.core.errors import BusinessError
from onepoint.core.timeline import register_sentences
from onepoint.tickets import item_rights, policies, queries
from onepoint.tickets.item_labels import ITEM_LABELS
from onepoint.tickets.models import Ticket
from onepoint.workflow import policies as workflow_policies
from onepoint.workflow.registry import register_item_check


def find_personal_value(number: str, field: str, visible_to: User) -> PersonalValue | None:
    """The telephone or the account of a ticket the person sees."""
    ticket = queries.find_ticket(number, visible_to=visible_to) if field in ("contact_phone", "account") else None
    if ticket is None:
        return None
    if field == "contact_phone":
        return PersonalValue(_("Contact telephone"), "phone", ticket.contact_phone, ticket.pk, "ticket.contact_phone")
    value = ticket.account.value if ticket.account else ""
    return PersonalValue(_("Account or number"), "phone", value, ticket.pk, "ticket.account")


field_rights.register_fields(
    "ticket",
    _("Ticket"),
    "ticket.view",
    ITEM_LABELS,
    always_shown=frozenset({"kind", "category", "severity", "urgency", "title", "customer"}),
)
register_item_check("ticket", item_rights.require_items)
register_subject("ticket", "ticket-detail", find_personal_value)


def explain(ticket: Ticket, person: User) -> list[Reason]:
    """Seeing the ticket, its actions and those at the steps it is at, its fields."""
    parts = (
        of_permission(person, "ticket.view"),
        of_audience(person, "ticket.view", ticket.audience, as_candidate=True),
    )
    sees = queries.may_see(person, ticket.pk)
    seeing = Reason(gettext("See the ticket, its files and its process picture"), sees, parts)
    tasks = queries.live_tasks(ticket)
    acts: list[tuple[object, BusinessError | None, str]] = [
        (_("Correct items"), policies.why_not_correct(ticket, person, tasks), "ticket.edit"),
        (_("Add files"), policies.why_not_attach(ticket, person, tasks), ""),
        (_("Withdraw"), policies.why_not_withdraw(ticket, person), "ticket.edit"),
        (_("Reopen"), policies.why_not_reopen(ticket, person), "ticket.coordinate"),
    ]
    if ticket.process_instance:
        refusal = workflow_policies.why_not_terminate(ticket.process_instance, person)
        acts.append((_("Terminate the process"), refusal, "process.terminate"))
    for task in tasks:
        for label, why_not in STEP_ACTIONS:
            acts.append((f"{task.label}: {label}", why_not(task, person), ""))
    if not sees:
        return [seeing, *(not_without_seeing(str(label)) for label, _refusal, _code in acts)]
    named = [of_refusal(str(label), refusal, person, code) for label, refusal, code in acts]
    return [seeing, *named, of_fields(person, "ticket")]


STEP_ACTIONS = (
    (_("Claim"), workflow_policies.why_not_claim),
    (_("Finish this step"), workflow_policies.why_not_complete),
    (_("Release"), workflow_policies.why_not_release),
    (_("Send back"), workflow_policies.why_not_send_back),
    (_("Pass on"), workflow_policies.why_not_reassign),
)


register_explainer(
    Explainer(
        "ticket",
        _("Ticket"),
        "ticket-",
        lambda text, asker: queries.find_ticket(text.upper(), visible_to=asker),
        explain,
        lambda ticket: f"{ticket.number} {masking.shown_words(ticket.title)}",
    )
)
name_verb("ticket.unmasked", _("Personal data of a ticket uncovered"))
register_sentences({"ticket.unmasked": _("Uncovered personal data: %(note)s")})
