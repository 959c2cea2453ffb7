"""The register of permissions (``noun.verb``): capabilities declare theirs when the house starts."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Permission:
    code: str
    label: str | Promise

    @property
    def noun(self) -> str:
        return self.code.partition(".")[0]


_permissions: dict[str, Permission] = {}


def register(code: str, label: str | Promise) -> None:
    """Declare a permission. Raises ValueError unless it is written ``noun.verb``."""
    noun, dot, verb = code.partition(".")
    if not (noun and dot and verb):
        raise ValueError(f"permission {code!r} is not of the form noun.verb")
    _permissions[code] = Permission(code, label)


def all_permissions() -> list[Permission]:
    """Every declared permission, sorted by code."""
    return sorted(_permissions.values(), key=lambda permission: permission.code)


def is_known(code: str) -> bool:
    return code in _permissions


register("organisation.view", _("See units, positions, groups and people"))
register("organisation.manage", _("Change units, regions, positions, groups and interface people"))
register("person.manage", _("Create people, lock them, give them positions and roles"))
register("role.manage", _("Change roles and their permissions"))
register("audit.view", _("Read the audit journal"))
