"""Why somebody can or cannot see or do something, in plain words.

A capability registers an explainer for its things in its ``access.py``. Every verdict comes from the very functions that
guard pages and services (``visible_to``, ``why_not_…``); the words around it say which role, post, delegation, unit or
region makes it so, and what is missing.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from onepoint.accounts import field_rights, permissions
from onepoint.accounts.models import Group, OrgUnit, Region, Role, Roster, User
from onepoint.accounts.queries import delegated_keys, own_keys, reach_in_words
from onepoint.accounts.scope import Scope, scope_of
from onepoint.core import masking
from onepoint.core.errors import BusinessError
from onepoint.core.text import whole_number

Labelled = str | Promise


@dataclass(frozen=True)
class Reason:
    """One sentence of the answer; ``holds`` is None where it only tells a fact."""

    text: str
    holds: bool | None = None
    parts: tuple["Reason", ...] = ()


@dataclass(frozen=True)
class Explainer:
    """What can be asked about one kind of thing.

    ``find(text, asker)`` gives the thing with that number if the asker sees it himself. ``explain(thing, person)`` begins
    with seeing it, then goes through what can be done with it. Its pages have names beginning with ``page_prefix``.
    """

    kind: str
    label: Labelled
    page_prefix: str
    find: Callable[[str, User], Any | None]
    explain: Callable[[Any, User], Sequence[Reason]]
    title: Callable[[Any], str] = str


_explainers: dict[str, Explainer] = {}


def register_explainer(explainer: Explainer) -> None:
    """Let people ask about a kind of thing."""
    _explainers[explainer.kind] = explainer


def explainers() -> list[Explainer]:
    return list(_explainers.values())


def explainer_of_page(page_name: str) -> Explainer | None:
    """Whose pages bear this name."""
    return next((one for one in _explainers.values() if page_name.startswith(one.page_prefix)), None)


# -- pieces of answers --------------------------------------------------------------------------------------------


def of_refusal(
    label: Labelled, refusal: BusinessError | None, person: User | None = None, permission: str = ""
) -> Reason:
    """What a policy says about one action; with ``permission`` also whether the person holds what it needs."""
    parts: list[Reason] = []
    if refusal is not None:
        parts.append(Reason(_("The answer would be: %(refusal)s") % {"refusal": refusal}, False))
        if person is not None and permission and not person.may(permission):
            parts = [of_permission(person, permission)]
    return Reason(str(label), refusal is None, tuple(parts))


def not_without_seeing(label: Labelled) -> Reason:
    """An action on something the person does not see."""
    return Reason(
        str(label),
        False,
        (Reason(_("What one does not see does not exist for one: every page answers “not found”."), False),),
    )


def of_permission(person: User, code: str) -> Reason:
    """Whether a person holds a permission, by which roles, and which roles would give it."""
    label = permissions.label_of(code)
    if not person.is_active:
        return Reason(_("%(person)s may not log in at all.") % {"person": person.label}, False)
    holding = [grant for grant in person.active_grants if code in grant.role.permissions]
    if holding:
        lines = tuple(
            Reason(
                _("as %(role)s in %(unit)s: reaches %(reach)s")
                % {"role": grant.role.label, "unit": grant.unit.label, "reach": reach_in_words(grant)},
                True,
            )
            for grant in holding
        )
        return Reason(_("Holds the permission “%(permission)s”") % {"permission": label}, True, lines)
    giving = Role.objects.filter(permissions__contains=[code], is_active=True).order_by("code")
    names = ", ".join(role.label for role in giving) or _("no role at all")
    has = ", ".join(dict.fromkeys(grant.role.label for grant in person.active_grants)) or _("none")
    return Reason(
        _("Lacks the permission “%(permission)s”") % {"permission": label}, False,
        (Reason(_("Roles of this person: %(roles)s") % {"roles": has}),
         Reason(_("Roles that would give it: %(roles)s") % {"roles": names})),
    )  # fmt: skip


def of_audience(person: User, permission: str, audience: Collection[str], *, as_candidate: bool = False) -> Reason:
    """Whether a row with an ``audience`` array lies in the person's scope, and by which key.

    ``as_candidate``: the candidate keys of its tasks stand in the audience too, with ``c:`` before them.
    """
    scope = scope_of(person, permission)
    if scope.everything:
        return Reason(_("The scope reaches everything"), True)
    matched = sorted(set(scope.audience_keys) & set(audience)) if scope.has_permission else []
    names = in_words([*audience, *matched])
    parts = [Reason(_("within the scope by %(key)s") % {"key": names[key]}, True) for key in matched]
    if as_candidate:
        parts += _as_candidate(person, audience, names)
    if parts:
        return Reason(_("It lies in the scope"), True, tuple(parts))
    plain = [names[key] for key in audience if not key.startswith("c:")]
    wanted = Reason(_("It belongs to: %(keys)s") % {"keys": ", ".join(dict.fromkeys(plain)) or "—"})
    return Reason(_("It lies outside the scope"), False, (wanted, _reach(scope)))


def _as_candidate(person: User, audience: Collection[str], names: dict[str, str]) -> list[Reason]:
    wanted = {key[2:] for key in audience if key.startswith("c:")}
    found = [
        Reason(_("a step of it is or was for %(key)s") % {"key": names[f"c:{key}"]}, True)
        for key in sorted(wanted & own_keys(person))
    ]
    for absentee_id, keys in delegated_keys(person).items():
        if wanted & keys:
            absentee = User.objects.get(pk=absentee_id)
            found.append(
                Reason(_("stands in for %(person)s, whose step it is or was") % {"person": absentee.label}, True)
            )
    return found


def of_place(
    person: User, permission: str, *, unit: OrgUnit | None, region: Region | None, owner_id: int | None = None
) -> Reason:
    """Whether a row with a unit and a region lies in the person's scope."""
    scope = scope_of(person, permission)
    if scope.everything:
        return Reason(_("The scope reaches everything"), True)
    parts = []
    if scope.has_permission:
        if unit and unit.pk in scope.unit_ids:
            parts.append(Reason(_("within the scope by %(key)s") % {"key": unit.label}, True))
        if region and region.pk in scope.region_ids:
            parts.append(Reason(_("within the scope by %(key)s") % {"key": region.label}, True))
        if owner_id == person.pk:
            parts.append(Reason(_("registered by this person"), True))
    if parts:
        return Reason(_("It lies in the scope"), True, tuple(parts))
    belongs = ", ".join(row.label for row in (unit, region) if row) or "—"
    return Reason(
        _("It lies outside the scope"), False, (Reason(_("It belongs to: %(keys)s") % {"keys": belongs}), _reach(scope))
    )


def _reach(scope: Scope) -> Reason:
    if not scope.has_permission:
        return Reason(_("Without the permission nothing is in the scope"))
    units = OrgUnit.objects.filter(pk__in=scope.unit_ids).order_by("path")[:6]
    regions = Region.objects.filter(pk__in=scope.region_ids).order_by("path")[:6]
    shown = [row.label for row in [*regions, *units]]
    more = len(scope.unit_ids) + len(scope.region_ids) - len(shown)
    names = ", ".join(shown) + (_(" and %(count)s more") % {"count": more} if more > 0 else "")
    return Reason(_("The scope reaches: %(places)s") % {"places": names or _("own work only")})


def of_fields(person: User, subject: str) -> Reason:
    """Which fields are hidden or fixed, and which personal data is shown masked."""
    parts = []
    for code in (field.code for one in field_rights.subjects() for field in one.fields.values()):
        field = field_rights.find_field(code)
        right = field_rights.right_of(person, code)
        if field and field.subject == subject and right != "write":
            parts.append(Reason(f"{field.label}: {right.label}", right != "hidden"))
    for group in masking.GROUPS:
        code = masking.permission_for(group)
        sees = masking.sees(group, person)
        sentence = _("sees: %(what)s") if sees else _("sees masked: %(what)s")
        parts.append(Reason(sentence % {"what": permissions.label_of(code)}, sees))
    return Reason(_("Fields and personal data"), None, tuple(parts))


_KINDS: dict[str, tuple[Any, Any]] = {
    "P": (User, lambda name: name),
    "U": (OrgUnit, lambda name: name),
    "R": (Region, lambda name: name),
    "I": (OrgUnit, lambda name: _("interface people of %(unit)s") % {"unit": name}),
    "G": (Group, lambda name: _("group %(group)s") % {"group": name}),
    "D": (Roster, lambda name: _("on duty: %(roster)s") % {"roster": name}),
}


def in_words(keys: Iterable[str]) -> dict[str, str]:
    """Audience and candidate keys as people call what they stand for; one query per kind of key."""
    wanted = {key: key.removeprefix("c:") for key in keys}
    ids: dict[str, set[int]] = {}
    for plain in wanted.values():
        if (number := whole_number(plain[1:])) is not None:
            ids.setdefault(plain[0], set()).add(number)
    names: dict[str, str] = {}
    for letter, pks in ids.items():
        model, phrase = _KINDS.get(letter, (None, None))
        for pk, row in (model._default_manager.in_bulk(pks) if model else {}).items():
            names[f"{letter}{pk}"] = phrase(row.label)
    roles = (
        {role.code: role.label for role in Role.objects.all()}
        if any(k.startswith("A:") for k in wanted.values())
        else {}
    )
    for plain in wanted.values():
        if plain.startswith("A:"):
            names[plain] = _role_in_words(plain, roles)
    return {key: names.get(plain, plain) for key, plain in wanted.items()}


def _role_in_words(key: str, roles: dict[str, str]) -> str:
    code, _at, place = key[2:].partition("@")
    role = roles.get(code, code)
    if not place:
        return role
    kind, pk = (place[0], place[1:])
    model = Region if kind == "R" else OrgUnit
    number = whole_number(pk)
    row = None if number is None else model._default_manager.filter(pk=number).first()
    return _("%(role)s for %(place)s") % {"role": role, "place": row.label if row else place}
