"""The register of permissions (``noun.verb``): capabilities declare theirs when the house starts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.states import Administration


@dataclass(frozen=True)
class Permission:
    """One right. A ``guarded`` one concerns the organisation itself: only somebody who holds it may pass it on.

    ``part`` says to which of the three parts of administration a guarded one belongs.
    """

    code: str
    label: str | Promise
    guarded: bool = False
    part: str = ""

    @property
    def noun(self) -> str:
        return self.code.partition(".")[0]


_permissions: dict[str, Permission] = {}


def register(code: str, label: str | Promise, *, guarded: bool = False, part: str = Administration.SYSTEM) -> None:
    """Declare a permission; ``part`` counts for guarded ones. Raises ValueError unless it is written ``noun.verb``."""
    noun, dot, verb = code.partition(".")
    if not (noun and dot and verb):
        raise ValueError(f"permission {code!r} is not of the form noun.verb")
    _permissions[code] = Permission(code, label, guarded, part if guarded else "")


def all_permissions() -> list[Permission]:
    """Every declared permission, sorted by code."""
    return sorted(_permissions.values(), key=lambda permission: permission.code)


def guarded_codes() -> list[str]:
    """The rights over the house itself."""
    return [permission.code for permission in all_permissions() if permission.guarded]


def parts_of(codes: Iterable[str]) -> set[str]:
    """Which parts of administration these rights belong to; none for rights about the house's work."""
    return {_permissions[code].part for code in codes if code in _permissions} - {""}


def is_known(code: str) -> bool:
    return code in _permissions


def label_of(code: str) -> str:
    """What a permission is called; its code where nobody declared it."""
    return str(_permissions[code].label) if code in _permissions else code


_nouns: dict[str, str | Promise] = {}


def name_noun(noun: str, label: str | Promise) -> None:
    """The heading under which the permissions of a noun stand in the matrix of a role."""
    _nouns[noun] = label


def permissions_by_heading() -> list[tuple[str, list[Permission]]]:
    """Every declared permission under its heading, for the matrix of a role; nouns with the same heading stand together."""
    grouped: dict[str, list[Permission]] = {}
    for permission in all_permissions():
        grouped.setdefault(str(_nouns.get(permission.noun, permission.noun)), []).append(permission)
    return list(grouped.items())


name_noun("organisation", _("Organisation"))
name_noun("person", _("People"))
name_noun("role", _("Roles"))
name_noun("roster", _("Duty rosters"))
name_noun("audit", _("Audit journal"))
register("organisation.view", _("See units, positions, groups and people"))
register("organisation.manage", _("Change units, regions, positions, groups and interface people"), guarded=True)
register("roster.plan", _("Plan duty rosters of one's unit or group"))
register("person.manage", _("Create people, lock them, give them positions and roles"), guarded=True)
register("role.manage", _("Change roles and their permissions"), guarded=True, part=Administration.SECURITY)
register("audit.view", _("Read the audit journal"), guarded=True, part=Administration.AUDIT)
name_noun("filter", _("Saved filters"))
register("filter.share", _("Share saved filters with colleagues"))
name_noun("personal_data", _("Personal data"))
register("personal_data.see_phone", _("See telephone numbers, accounts and e-mail addresses in full"))
register("personal_data.see_identity", _("See ID numbers in full"))
register("personal_data.see_address", _("See addresses in full"))
register("personal_data.unmask", _("Uncover a single masked value, giving a reason"))
register(
    "personal_data.audit",
    _("See who uncovered and read personal data, and set the daily limit"),
    guarded=True,
    part=Administration.SECURITY,
)
name_noun("access", _("Roles"))
register("access.explain", _("Look up why a person can or cannot see or do something"))
