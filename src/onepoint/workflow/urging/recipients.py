"""Who is told, found when the moment has come: whoever has the task by then, and whoever stands above it by then."""

from collections.abc import Iterable

from onepoint.accounts.models import Group, OrgUnit, Region, User
from onepoint.accounts.queries import interface_people_of, role_keys
from onepoint.accounts.queries.superiors import deputies_of, people_answering, superiors_of
from onepoint.workflow import registry
from onepoint.workflow.loading import Loaded
from onepoint.workflow.urging.drawn import Audience

#: Who holds this over a place is the superior of the work there.
SUPERIOR = "task.take_over"
#: A pool of thousands is not woken up by one task: the first of them are told.
MOST = 100


def recipients_of(audience: Audience, loaded: Loaded) -> list[int]:
    """The ids of everybody to tell about a task, with who stands in for those who are away."""
    people = [pk for pk in dict.fromkeys(_people(audience, loaded)) if pk]
    return list(dict.fromkeys([*people, *deputies_of(people)]))[:MOST]


def _people(audience: Audience, loaded: Loaded) -> Iterable[int]:
    match audience.to:
        case "handler":
            return holders_of(loaded)
        case "unit":
            return _interface_of(loaded.task_unit_id or loaded.unit_id)
        case "superior":
            return superiors(loaded)
        case "upper":
            return superiors(loaded, level=1)
        case "owner":
            owner_id = registry.owner_of_subject(loaded.subject_type, loaded.subject_id)
            return [owner_id] if owner_id else _initiator(loaded)
        case "initiator":
            return _initiator(loaded)
        case "role" | "group":
            return people_answering(keys_for(audience, loaded), MOST)
    return ()


def keys_for(audience: Audience, loaded: Loaded) -> list[str]:
    """The candidate keys by which a role (of the place of the process) or a group answers for a task."""
    if audience.to == "role":
        region = Region.objects.filter(pk=loaded.region_id).first() if loaded.region_id else None
        unit = OrgUnit.objects.filter(pk=loaded.unit_id).first() if loaded.unit_id else None
        return role_keys(audience.role, region, unit) if audience.role else []
    return [f"G{pk}" for pk in Group.objects.filter(code=audience.group, is_active=True).values_list("pk", flat=True)]


def holders_of(loaded: Loaded) -> list[int]:
    """Who has the task; everybody who may claim it while nobody has."""
    if loaded.assignee_id is not None:
        return [loaded.assignee_id]
    return people_answering(loaded.candidate_keys or (), MOST)


def superiors(loaded: Loaded, level: int = 0) -> list[int]:
    """The people above a task: the nearest who hold the right over its place, or those above them.

    The highest there are where nobody stands that high; never whoever holds the task himself.
    """
    skip = [loaded.assignee_id] if loaded.assignee_id else []
    unit_id = loaded.task_unit_id or loaded.unit_id
    levels = superiors_of(SUPERIOR, unit_id=unit_id, region_id=loaded.region_id, skip=skip)
    return levels[min(level, len(levels) - 1)] if levels else []


def _interface_of(unit_id: int | None) -> list[int]:
    unit = OrgUnit.objects.filter(pk=unit_id).first() if unit_id else None
    if unit is None:
        return []
    people = [person.pk for person in interface_people_of(unit)]
    return people or people_answering([f"U{unit.pk}"], MOST)


def _initiator(loaded: Loaded) -> list[int]:
    return [loaded.started_by_id] if loaded.started_by_id else []


def names_of(people: Iterable[int], most: int = 3) -> tuple[str, str]:
    """The first few names in Chinese and English, for the journal."""
    ids = list(people)
    found = User.objects.in_bulk(ids[:most])
    shown = [found[pk] for pk in ids[:most] if pk in found]
    rest = "…" if len(ids) > most else ""
    return (
        "、".join(person.name for person in shown) + rest,
        ", ".join(person.name_en or person.name for person in shown) + rest,
    )
