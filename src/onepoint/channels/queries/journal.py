"""Reads of the contact journal."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels import category_names
from onepoint.channels.models import Contact, ContactOrigin, ContactQuerySet
from onepoint.channels.states import ContactOutcome
from onepoint.core.compiled import Compiled
from onepoint.core.newest import newest
from onepoint.core.search_keys import query_keys
from onepoint.customers.lookup_keys import typed_forms
from onepoint.customers.models import Customer

#: What says so much that it stands with few contacts: a telephone or other number.
_A_NUMBER = re.compile(r"\d{5}")
#: What a line of the search shows; the rest is read when somebody asks for it.
_IN_A_LINE = (
    "number", "subject", "channel", "outcome", "started_at", "caller_name", "caller_number", "customer", "customer__name",
    "customer__name_en",
)  # fmt: skip


def contacts_visible_to(user: User) -> ContactQuerySet:
    """Contacts within the person's scope, with what a list shows of them."""
    return Contact.objects.visible_to(user).select_related("customer", "agent", "region", "unit", "result")


def matching(text: str) -> Q:
    """Condition for contacts found by a number (contact, ticket, caller, customer) or by words of what was said."""
    forms, words = typed_forms(text), query_keys(text)
    if len(words) == 1:  # to hold all of one word is to hold one of them: a plain condition is one look-up
        forms, words = {*forms, *words}, []
    condition = Q(pk__in=[])
    if forms:
        condition |= Q(search_keys__overlap=sorted(forms))
    if words:
        condition |= Q(search_keys__contains=words)
    return condition


def filtered_contacts(
    *,
    visible_to: User,
    text: str = "",
    channel: str = "",
    direction: str = "",
    outcome: str = "",
    result: int | None = None,
    agent: str = "",
    agent_id: int | None = None,
    unit: OrgUnit | None = None,
    category: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> ContactQuerySet:
    """Contacts of the list page; ``agent`` is part of a name, pinyin or staff number, ``end`` (aware) is excluded.

    ``unit`` and ``category`` (a code) stand for themselves and everything below.
    """
    found = contacts_visible_to(visible_to)
    if text.strip():
        found = found.filter(matching(text))
    if channel:
        found = found.filter(channel=channel)
    if direction:
        found = found.filter(direction=direction)
    if outcome:
        found = found.filter(outcome=outcome)
    if result is not None:
        found = found.filter(result=result)
    if agent_id is not None:
        found = found.filter(agent=agent_id)
    if unit is not None:
        found = found.filter(unit__in=OrgUnit.objects.below([unit]).values("pk"))
    if category:
        found = found.filter(category_code__in=category_names.codes_below(category))
    if agent.strip():
        name = agent.strip()
        found = found.filter(
            Q(agent__name__icontains=name) | Q(agent__name_key__icontains=name) | Q(agent__username__istartswith=name)
        )
    if start is not None:
        found = found.filter(started_at__gte=start)
    return found if end is None else found.filter(started_at__lt=end)


def find_contact(number: str, *, visible_to: User) -> Contact | None:
    """The contact with this number, or None when there is none or it is outside the person's scope."""
    return contacts_visible_to(visible_to).filter(number=number).first()


def already_journaled(request_key: UUID) -> Contact | None:
    """The contact an earlier submission of the same intake made."""
    return _BY_REQUEST.first(request_key)


_BY_REQUEST = Compiled(
    "contact_by_request", lambda key: Contact.objects.filter(request_key=key).select_related("customer").order_by()
)


def origin_of(contact_id: int) -> ContactOrigin | None:
    """How the customer of a contact came, where somebody noted it."""
    return _ORIGIN.first(contact_id)


_ORIGIN = Compiled(
    "contact_origin",
    lambda pk: ContactOrigin.objects.filter(contact_id=pk).select_related("outlet", "account_manager__unit"),
)


def find_contacts(text: str, *, visible_to: User, limit: int = 20) -> list[Contact]:
    """The newest contacts ``text`` may mean, with what a line about them shows."""
    if not text.strip():
        return []
    visible = _in_a_line(Contact.objects.visible_to(visible_to).filter(matching(text)))
    is_rare = bool(_A_NUMBER.search(text))
    return newest(visible, "started_at", stop=limit, has_weeks=True, is_rare=is_rare, by_keys=_FOUND.rows)


def _in_a_line(contacts: ContactQuerySet) -> ContactQuerySet:
    return contacts.select_related("customer").only(*_IN_A_LINE)


_FOUND = Compiled("contacts_found", lambda ids: _in_a_line(Contact.objects.filter(pk__any_of=ids)))


def contacts_of(customer: Customer, *, visible_to: User, limit: int = 20) -> list[Contact]:
    """The customer's newest contacts within the person's scope."""
    return list(contacts_visible_to(visible_to).filter(customer=customer).order_by("-started_at", "-pk")[:limit])


def unsettled_of(person: User) -> ContactQuerySet:
    """What the person has begun and not settled: to be made a ticket or solved."""
    return contacts_visible_to(person).filter(agent=person, outcome=ContactOutcome.OPEN)


def contacts_about(numbers: Sequence[str], *, visible_to: User, limit: int = 50) -> list[Contact]:
    """The newest contacts about any of these tickets, within the person's scope: two short look-ups by index."""
    about = Q(ticket_number__in=numbers) | Q(further_tickets__overlap=list(numbers))
    found = contacts_visible_to(visible_to).filter(about)
    return list(found.order_by("-started_at", "-pk")[:limit])


def contact_by_id(pk: int) -> Contact | None:
    """A contact for the system itself; no scope."""
    return Contact.objects.select_related("customer", "region", "agent").filter(pk=pk).first()


def ids_of_customer(customer: Customer) -> list[int]:
    """All contacts of a customer, for the system itself; no scope."""
    return list(Contact.objects.filter(customer=customer).order_by("pk").values_list("pk", flat=True))


def count_of(customer: Customer) -> int:
    """How many contacts name the customer, whoever may see them."""
    return Contact.objects.filter(customer=customer).count()


def contacts_before(
    customer: Customer, *, visible_to: User, before: tuple[datetime, int] | None, limit: int
) -> list[Contact]:
    """The customer's contacts older than a moment and id, newest first: one page of the timeline."""
    found = contacts_visible_to(visible_to).filter(customer=customer)
    if before is not None:
        moment, pk = before
        found = found.filter(Q(started_at__lt=moment) | Q(started_at=moment, pk__lt=pk), started_at__lte=moment)
    return list(found.order_by("-started_at", "-pk")[:limit])
