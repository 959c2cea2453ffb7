"""Loading what every house starts with; what is there already is left as it is."""

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core.errors import require
from onepoint.quality import policies, presets
from onepoint.quality.models import Standard
from onepoint.quality.services.appeals import appeal_category
from onepoint.quality.services.standard import (
    CodeItems,
    StandardItems,
    begin_draft,
    publish_standard,
    write_draft_of_standard,
)


@transaction.atomic
def load_standard(*, by: User | None) -> None:
    """The delivered standard, published, in a house without any; and the category of appeals. Raises NotPermitted."""
    require(policies.why_not_manage_standard(by))
    appeal_category()
    if Standard.objects.exists():
        return
    draft = begin_draft(by=by)
    items = StandardItems(
        codes=[CodeItems(**row) for row in presets.CODES], preamble=presets.PREAMBLE, preamble_en=presets.PREAMBLE_EN,
    )  # fmt: skip
    publish_standard(write_draft_of_standard(draft, items, lock_version=draft.lock_version, by=by), by=by)
