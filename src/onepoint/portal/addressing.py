"""The mobile number or e-mail address by which somebody enters: checked, in one form, and masked where it is shown."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from onepoint.channels.states import Medium
from onepoint.core.errors import InvalidInput
from onepoint.core.masking import mask_phone
from onepoint.core.search_keys import fold
from onepoint.core.text import clean
from onepoint.customers import phone_numbers

#: Codes go to numbers of this country only: messages abroad are what people who cheat with dear numbers look for.
COUNTRY = "+86"
LONGEST = 120


class NotAnAddress(InvalidInput):
    """What was typed is neither a mobile number of this country nor an e-mail address."""

    code = "not_an_address"
    message = _("Please enter a mobile number or an e-mail address.")


@dataclass(frozen=True)
class Address:
    """Where a code can be sent; ``key`` is the form by which two spellings meet (E.164, folded e-mail)."""

    medium: Medium
    key: str

    @property
    def masked(self) -> str:
        """Enough to recognise one's own number by."""
        return mask_phone(self.key.removeprefix(COUNTRY) if self.is_phone else self.key)

    @property
    def is_phone(self) -> bool:
        return self.medium == Medium.SMS

    @property
    def spoken(self) -> str:
        """As people of this country write it."""
        return self.key.removeprefix(COUNTRY)


def address_from(text: str) -> Address:
    """The address somebody typed. Raises NotAnAddress."""
    typed = fold(clean(text)).strip()
    if len(typed) > LONGEST:
        raise NotAnAddress
    if "@" in typed:
        try:
            validate_email(typed)
        except ValidationError as error:
            raise NotAnAddress from error
        return Address(Medium.EMAIL, typed)
    key = phone_numbers.normalise(typed)
    if not key.startswith(COUNTRY) or not phone_numbers.is_mobile(typed):
        raise NotAnAddress
    return Address(Medium.SMS, key)
