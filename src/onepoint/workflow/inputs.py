"""What people enter with an outcome, checked against the step before it becomes process variables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onepoint.accounts.models import OrgUnit, User
from onepoint.core.compiled import Compiled
from onepoint.core.errors import InvalidInput
from onepoint.core.text import clean, whole_number
from onepoint.workflow.candidates import as_id
from onepoint.workflow.steps import InputSpec, OutcomeSpec

LONGEST_TEXT = 4000


class _Wrong(ValueError):
    """One input is not acceptable; the text is for the person."""


def _entered_id(raw: Any) -> int:
    if isinstance(raw, OrgUnit | User):
        return int(raw.pk)
    number = whole_number(raw) if isinstance(raw, str) else as_id(raw)
    if number is None or number >= 2**63:
        raise _Wrong(_("Please choose from the list."))
    return number


def _unit(spec: InputSpec, raw: Any, variables: Mapping[str, Any]) -> int:
    return _units_named([_entered_id(raw)])[0]


_RECEIVING = Compiled(
    "receiving_units",
    lambda ids: OrgUnit.objects.filter(pk__any_of=ids, is_active=True, receives_tickets=True).only("pk").order_by(),
)


def _units_named(ids: list[int]) -> list[int]:
    usable = {unit.pk for unit in _RECEIVING.rows(ids)} if ids else set()
    if not all(number in usable for number in ids):
        raise _Wrong(_("This unit does not receive tickets."))
    return ids


def _units(spec: InputSpec, raw: Any, variables: Mapping[str, Any]) -> list[int]:
    members = raw if isinstance(raw, Sequence) and not isinstance(raw, str) else [raw]
    ids = list(dict.fromkeys(_entered_id(member) for member in members))
    if len(ids) < spec.minimum:
        least = spec.minimum
        raise _Wrong(ngettext("Please choose at least %d unit.", "Please choose at least %d units.", least) % least)
    if spec.maximum and len(ids) > spec.maximum:
        most = spec.maximum
        raise _Wrong(ngettext("Please choose at most %d unit.", "Please choose at most %d units.", most) % most)
    return _units_named(ids)


def _user(spec: InputSpec, raw: Any, variables: Mapping[str, Any]) -> int:
    person = User.objects.filter(pk=_entered_id(raw), is_active=True).only("pk", "unit_id").first()
    if person is None:
        raise _Wrong(_("This person cannot be given work."))
    unit_id = as_id(spec.of.evaluate(variables)) if spec.of else None
    if unit_id and person.unit_id != unit_id and not person.appointments.filter(position__unit_id=unit_id).exists():
        raise _Wrong(_("This person does not belong to the department."))
    return person.pk


def _text(spec: InputSpec, raw: Any, variables: Mapping[str, Any]) -> str:
    text = clean(str(raw))
    if len(text) > LONGEST_TEXT:
        raise _Wrong(_("This text is too long."))
    return text


def _choice(spec: InputSpec, raw: Any, variables: Mapping[str, Any]) -> str:
    if raw not in {choice.value for choice in spec.choices}:
        raise _Wrong(_("Please choose from the list."))
    return str(raw)


def _boolean(spec: InputSpec, raw: Any, variables: Mapping[str, Any]) -> bool:
    return raw in (True, "true", "on", "1")


def _moment(spec: InputSpec, raw: Any, variables: Mapping[str, Any]) -> str:
    try:
        moment = raw if isinstance(raw, datetime) else parse_datetime(str(raw))
    except ValueError:
        moment = None
    if moment is None:
        raise _Wrong(_("Please enter a date and time."))
    return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).isoformat()


_CLEANERS: dict[str, Callable[[InputSpec, Any, Mapping[str, Any]], Any]] = {
    "unit": _unit,
    "units": _units,
    "user": _user,
    "text": _text,
    "choice": _choice,
    "boolean": _boolean,
    "datetime": _moment,
}


def clean_inputs(outcome: OutcomeSpec, entered: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables an outcome sets. Raises InvalidInput naming each input that is missing or wrong.

    ``entered`` holds ids, model objects or the strings of a form; names the outcome does not ask for are left out.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for spec in outcome.inputs:
        raw = entered.get(spec.name)
        if raw in (None, "", [], ()):
            if spec.required:
                errors[spec.name] = _("%(field)s is required.") % {"field": spec.label}
            else:
                values[spec.name] = None
            continue
        try:
            values[spec.name] = _CLEANERS[spec.type](spec, raw, {**variables, **values})
        except _Wrong as wrong:
            errors[spec.name] = str(wrong)
    if errors:
        raise InvalidInput(errors)
    return values
