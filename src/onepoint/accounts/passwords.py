"""Password rules beyond Django's own: character classes and no recent password again (reliability C5)."""

import re
import secrets

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from onepoint.accounts.models import User

HISTORY_LENGTH = 5
#: Without the letters and digits that are mistaken for one another when read aloud.
_READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


class CharacterClassesValidator:
    """At least three of: lower case, upper case, digits, other characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        if sum(bool(re.search(pattern, password)) for pattern in _CLASSES) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_uniform")

    def get_help_text(self) -> str:
        return _("Use at least three of: lower-case letters, upper-case letters, digits, other characters.")


class PasswordHistoryValidator:
    """None of the last five passwords."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        recent = user.password_records.order_by("-set_at").values_list("password", flat=True)[:HISTORY_LENGTH]
        if any(check_password(password, old) for old in recent):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        return _("It must not be one of your last five passwords.")


def make_password() -> str:
    """A first password to be told to a person: four groups of four, some 93 bits."""
    while True:
        password = "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
        if all(re.search(pattern, password) for pattern in _CLASSES):
            return password
