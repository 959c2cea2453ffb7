"""Reads of the login policy and of whether administration is kept apart as it says."""

from onepoint.accounts import permissions
from onepoint.accounts.models import LoginPolicy, RoleGrant


def login_policy() -> LoginPolicy:
    """The house's rules for logins; the defaults until somebody changed them."""
    return LoginPolicy.objects.filter(pk=1).first() or LoginPolicy(pk=1)


def are_administrators_apart() -> bool:
    """Whether system, security and audit administration must lie with different accounts."""
    return login_policy().are_administrators_apart


def holders_of_two_parts() -> dict[str, set[str]]:
    """Staff numbers of those who may log in and hold more than one part of administration, with the parts."""
    found: dict[str, set[str]] = {}
    grants = RoleGrant.objects.filter(
        user__is_active=True, role__is_active=True, role__permissions__overlap=permissions.guarded_codes()
    ).values_list("user__username", "role__permissions")
    for username, codes in grants.distinct():
        found.setdefault(username, set()).update(permissions.parts_of(codes))
    return {username: parts for username, parts in sorted(found.items()) if len(parts) > 1}
