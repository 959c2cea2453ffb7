"""What each channel wants to know of how a customer came."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.channels.origins import Origin, variant_of

_LACKING: dict[str, str | Promise] = {
    "outlet": _("Which outlet took it?"),
    "account_manager": _("Which account manager brings it?"),
}


def what_an_origin_lacks(channel: str, origin: Origin) -> dict[str, str | Promise]:
    """Field → sentence: what this channel cannot do without."""
    return {part: _LACKING[part] for part in variant_of(channel).needed if not getattr(origin, part)}
