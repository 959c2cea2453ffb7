"""How reminders and escalations read in the timeline."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from onepoint.workflow.urging.drawn import DEED_LABELS


def reminded(data: Mapping[str, Any]) -> str:
    """The clock's reminder."""
    told = {**data, "to": data["to"] or _("nobody")}
    return _("Reminder no. %(number)s of “%(step)s” to %(to)s") % told


def escalated(data: Mapping[str, Any]) -> str:
    """What was carried upwards, to whom, and what was done beside."""
    told = {**data, "to": data["to"] or _("nobody")}
    because = _("“%(step)s” was urged too often: escalated to %(to)s")
    said = because if data["cause"] == "count" else _("“%(step)s” waited too long: escalated to %(to)s")
    deeds = ", ".join(str(DEED_LABELS[deed]) for deed in data["deeds"] or () if deed in DEED_LABELS)
    return f"{said % told} ({deeds})" if deeds else said % told
