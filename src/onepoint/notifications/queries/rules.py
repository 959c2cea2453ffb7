"""Reads of how people want to be told."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import QuerySet

from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.core.compiled import Compiled
from onepoint.notifications.models import NotificationPolicy, Preference, RoleDefault


def notification_policy() -> NotificationPolicy:
    """The rules of the house; the delivered ones until somebody changed them."""
    return _POLICY.first() or NotificationPolicy(pk=1)


_POLICY = Compiled("notification_policy", lambda: NotificationPolicy.objects.filter(pk=1))


def preference_of(person: User) -> Preference | None:
    """What the person chose, or None who chose nothing."""
    return Preference.objects.filter(person=person).first()


def people_to_tell(ids: Collection[int]) -> list[User]:
    """Those who may log in, in the order of their ids, each with what he prefers; one query."""
    return _TOLD.rows(list(ids)) if ids else []


_TOLD = Compiled(
    "people_to_tell",
    lambda ids: (
        User.objects.filter(pk__any_of=ids, is_active=True).select_related("notification_preference").order_by("pk")
    ),
)


class RoleRules(NamedTuple):
    """Defaults of roles, and which of these roles each person holds."""

    defaults: dict[int, RoleDefault]
    held: dict[int, set[int]]

    def of(self, person_id: int) -> list[RoleDefault]:
        return [self.defaults[role] for role in sorted(self.held.get(person_id, ()))]


def role_rules(people: Collection[int]) -> RoleRules:
    """One query where no role has a default, else two."""
    defaults = {row.role_id: row for row in _DEFAULTS.rows()}
    held: dict[int, set[int]] = defaultdict(set)
    if defaults and people:
        grants = RoleGrant.objects.filter(user_id__in=people, role_id__in=defaults, role__is_active=True)
        for person_id, role_id in grants.values_list("user_id", "role_id"):
            held[person_id].add(role_id)
    return RoleRules(defaults, held)


_DEFAULTS = Compiled("role_defaults", lambda: RoleDefault.objects.all())


def roles_with_defaults() -> QuerySet[Role]:
    """Roles in use, each with its default if it has one."""
    return Role.objects.filter(is_active=True).select_related("notification_default").order_by("code")


def find_role(code: str) -> Role | None:
    return Role.objects.filter(code=code).select_related("notification_default").first()
