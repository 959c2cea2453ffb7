"""Who may make keys, and for whom."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, looks_after_unit, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError
from onepoint.integrations.models import ApiKey


class KeyNotUsable(BusinessError):
    """The key was revoked already, or the person it acts as may not log in."""

    code = "key_not_usable"
    message = _("This key is not in use any more.")


class PersonLocked(BusinessError):
    """A key cannot act as somebody who may not log in."""

    code = "person_locked"
    message = _("This person may not log in, so no key can act as this person.")


def why_not_manage_keys(by: User | None) -> BusinessError | None:
    """The permission ``apikey.manage``."""
    return why_not_permitted("apikey.manage", by)


def why_not_make_key(person: User, by: User | None) -> BusinessError | None:
    """Only for people of the part of the organisation one looks after: a key reaches as far as its person does."""
    if refusal := why_not_manage_keys(by):
        return refusal
    if by is not None and not looks_after_unit(scope_of(by, "apikey.manage"), person.unit):
        return OutsideYourScope()
    return None if person.is_active else PersonLocked()


def why_not_revoke_key(key: ApiKey, by: User | None) -> BusinessError | None:
    """Once; by whoever looks after its person."""
    if refusal := why_not_manage_keys(by):
        return refusal
    if by is not None and not looks_after_unit(scope_of(by, "apikey.manage"), key.person.unit):
        return OutsideYourScope()
    return KeyNotUsable() if key.revoked_at else None


def why_not_watch_house(by: User | None) -> BusinessError | None:
    """The permission ``house.watch``."""
    return why_not_permitted("house.watch", by)
