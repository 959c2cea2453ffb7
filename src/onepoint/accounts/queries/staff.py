"""Reads about people."""

import re
from collections.abc import Iterable

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Replace

from onepoint.accounts.models import Appointment, InterfacePerson, OrgUnit, Position, Role, RoleGrant, User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.core.compiled import Compiled

OPTION_LIMIT = 20


def interface_people_of(unit: OrgUnit) -> list[User]:
    """The interface person of a department and then the deputies, by rank; only people who may log in."""
    return [post.user for post in _INTERFACE_PEOPLE.rows(unit.pk)]


_INTERFACE_PEOPLE = Compiled(
    "interface_people",
    lambda unit_id: (
        InterfacePerson.objects.filter(unit_id=unit_id, user__is_active=True)
        .select_related("user")
        .order_by("rank", "pk")
    ),
)


def find_user(user_id: int) -> User | None:
    return User.objects.filter(pk=user_id).first()


def find_by_username(username: str, *, visible_to: User) -> User | None:
    """The person with a staff number, in the reader's scope of ``organisation.view``."""
    return people(visible_to=visible_to).filter(username=username).first()


def users_by_id(ids: Iterable[int]) -> dict[int, User]:
    """People by id in one query."""
    return User.objects.in_bulk(set(ids))


def names_of_people(ids: Iterable[int]) -> dict[int, str]:
    """Names by id in the language being shown."""
    return {person.pk: person.label for person in User.objects.filter(pk__in=set(ids)).only("name", "name_en")}


def people(*, visible_to: User) -> QuerySet[User]:
    """People in the reader's scope of ``organisation.view``, and himself; with their home unit."""
    scope = scope_of(visible_to, "organisation.view")
    condition = scope.by_unit_and_region(unit="unit", region="unit__region", person="pk")
    return User.objects.filter(condition).select_related("unit")


def filtered_people(
    *,
    visible_to: User,
    text: str = "",
    unit: OrgUnit | None = None,
    role: Role | None = None,
    state: str = "",
) -> QuerySet[User]:
    """People for the list, with their roles: ``unit`` with everything below it, ``state`` "", "locked" or "all"."""
    found = people(visible_to=visible_to).filter(matching(text))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if role:
        found = found.filter(Exists(RoleGrant.objects.filter(user=OuterRef("pk"), role=role)))
    if state != "all":
        found = found.filter(is_active=state != "locked")
    granted = RoleGrant.objects.filter(role__is_active=True).select_related("role", "unit").order_by("role__code")
    first = Appointment.objects.filter(is_primary=True).select_related("position__unit")
    return found.prefetch_related(
        Prefetch("role_grants", queryset=granted), Prefetch("appointments", queryset=first, to_attr="first_posts")
    )


def matching(text: str) -> Q:
    """Name, English name, staff number, pinyin with or without spaces, or pinyin initials."""
    text = text.strip()
    if not text:
        return Q()
    condition = Q(name__icontains=text) | Q(name_en__icontains=text) | Q(username__istartswith=text)
    letters = re.sub(r"[^a-z]", "", text.lower())
    if letters and text.isascii():
        initials = " ".join(f"{letter}[a-z]*" for letter in letters)
        condition |= Q(name_key__regex=f"^{initials}") if len(letters) <= 4 else Q()
        squeezed = User.objects.alias(squeezed=Replace("name_key", Value(" "), Value("")))
        condition |= Q(pk__in=squeezed.filter(squeezed__startswith=letters).values("pk"))
    return condition


def holding(permission: str) -> Exists:
    """Condition for people one of whose roles holds a permission, wherever it reaches."""
    roles = RoleGrant.objects.filter(role__is_active=True, role__permissions__contains=[permission])
    return Exists(roles.filter(user=OuterRef("pk")))


def person_options(*, text: str = "", unit: str = "", role: str = "", may: str = "") -> list[User]:
    """At most twenty people who may log in, for pickers; ``unit`` is a code and includes everything below it, ``may`` is a
    permission one of their roles holds."""
    found = User.objects.filter(matching(text), is_active=True).select_related("unit")
    if unit:
        above = OrgUnit.objects.filter(code=unit).first()
        found = found.filter(unit__path__startswith=above.path) if above else found.none()
    if role:
        found = found.filter(
            Exists(RoleGrant.objects.filter(user=OuterRef("pk"), role__code=role, role__is_active=True))
        )
    if may:
        found = found.filter(holding(may))
    return list(found.order_by("name_key", "username")[:OPTION_LIMIT])


def appointments_of(person: User) -> QuerySet[Appointment]:
    """Every post of a person, the first one on top, those that are over last."""
    over = Q(valid_to__lt=clock.today())
    posts = person.appointments.annotate(is_over=Case(When(over, then=Value(True)), default=Value(False)))
    return posts.select_related("position__unit").order_by("is_over", "-is_primary", "position__unit__path", "pk")


def belonging_to(unit_id: int) -> Q:
    """Condition for people whose home or one of whose posts of today is in a unit; finds nobody twice."""
    posts = Appointment.objects.in_force(clock.today()).filter(position__unit=unit_id)
    return Q(unit=unit_id) | Q(pk__in=posts.values("user"))


def grants_of(person: User) -> QuerySet[RoleGrant]:
    """Every role given to a person, with those out of use."""
    return (
        person.role_grants.select_related("role", "unit__region")
        .prefetch_related("units", "regions", "business_lines")
        .order_by("role__code", "unit__path")
    )


def roles_of(person: User) -> QuerySet[Role]:
    """The roles in use a person has anywhere."""
    return Role.objects.filter(is_active=True, grants__user=person).distinct()


def open_positions(*, visible_to: User) -> QuerySet[Position]:
    """Posts in use in the units a person looks after."""
    scope = scope_of(visible_to, "person.manage")
    condition = scope.by_unit_and_region(unit="unit", region="unit__region")
    return Position.objects.filter(condition, is_active=True, unit__is_active=True).select_related("unit")
