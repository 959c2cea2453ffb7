"""The contact journal as a list of which people choose the columns and keep filters."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import kept_lists
from onepoint.accounts.models import User
from onepoint.channels import queries
from onepoint.channels.contact_columns import COLUMNS
from onepoint.channels.forms import ContactFilter
from onepoint.channels.models import ContactQuerySet


def find_rows(form: ContactFilter, reader: User) -> ContactQuerySet:
    """What the form narrows the journal to, in the reader's scope; not sorted."""
    return queries.filtered_contacts(visible_to=reader, **form.criteria(reader))


LIST = kept_lists.register(
    kept_lists.KeptList(
        code="contacts",
        noun="contact",
        permission="contact.view",
        url_name="contact-list",
        label=_("Contact journal"),
        all_label=_("All contacts"),
        form=ContactFilter,
        columns=COLUMNS,
        found=find_rows,
        moment="started_at",
        default_sort="-began",
    )
)
