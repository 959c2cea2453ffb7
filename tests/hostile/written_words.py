"""Puts words into every field that people fill in, as somebody would who gets past every form."""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import DatabaseError, transaction
from django.db.models import CharField, Field, Model, Value, functions

from onepoint.tickets.models import Ticket

#: Fields people fill in, by their name wherever they stand.
WRITTEN = frozenset(
    "name name_en title text text_en subject content words note reason description question visitor_name author_name"
    " caller_name contact_name contact_person sender_name quoted address place product model relation matter story lesson"
    " topic conclusions removal verdict proof decision cause public_words public_words_en conclusion promise result_text"
    " answer result_words standard standard_en preamble changes examples document_number number_of_case actor_name"
    " uploaded_by_name hold_reason outcome_label step problem message last_error file_name rating_words name_form".split()
)
#: Addresses things are sent to, names that are looked up by, and what may not be changed any more.
EXCEPT = frozenset(
    "core.AuditEntry channels.OutgoingMessage.address portal.Filing.address portal.OneTimeCode.address"
    " portal.PortalSession.address notifications.WebhookSubscription.address workflow.Subscription.name"
    " workflow.ProcessMessage.name accounts.PersonalDataReading channels.IncomingMail.text_key".split()
)
#: After the words stands the key of the row, as some names are there once.
KEY = 8


def room_of(field: "Field[Any, Any]") -> int:
    """How many letters of words it holds."""
    return (field.max_length or 100_000) - KEY


def fields() -> Iterator[tuple[type[Model], "list[Field[Any, Any]]"]]:
    """The tables with fields people fill in."""
    for model in apps.get_models():
        label = model._meta.label
        if not model.__module__.startswith("onepoint.") or label in EXCEPT:
            continue
        found = [
            field
            for field in model._meta.fields
            if field.name in WRITTEN
            and f"{label}.{field.name}" not in EXCEPT
            and field.get_internal_type() in ("CharField", "TextField")
            and not (field.choices or field.unique)
        ]
        if found:
            yield model, found


def write_everywhere(words_for: "Callable[[Field[Any, Any]], str]") -> int:
    """Returns in how many fields it stands; nothing is written where ``words_for`` gives nothing."""
    count = 0
    for model, found in fields():
        words = {field.name: words for field in found if (words := words_for(field))}
        rows = model._base_manager.all()
        try:
            with transaction.atomic():
                count += (
                    len(words) if words and rows.update(**{name: _each(text) for name, text in words.items()}) else 0
                )
        except DatabaseError as refusal:
            if "append-only" not in str(refusal) and "never changed" not in str(refusal):
                raise
    return count


def _each(words: str) -> functions.Concat:
    return functions.Concat(Value(words), functions.Cast("pk", CharField()))


def write_into_special_items(words: str) -> None:
    """Names and values of the special items of every ticket."""
    for ticket in Ticket.objects.all():
        items = {key: words if isinstance(value, str) else value for key, value in ticket.special_items.items()}
        Ticket.objects.filter(pk=ticket.pk).update(special_items=items | {words: words})
