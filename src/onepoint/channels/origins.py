"""What each channel asks about how the customer came: the variants of the intake (spec §4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels.states import Channel


@dataclass(frozen=True)
class Origin:
    """How one customer came."""

    outlet: OrgUnit | None = None
    clerk_number: str = ""
    document_number: str = ""
    account_manager: User | None = None


@dataclass(frozen=True)
class Variant:
    """Which parts of an origin a channel asks for, and which of them it cannot do without."""

    asked: tuple[str, ...]
    needed: tuple[str, ...] = ()


PARTS = ("outlet", "clerk_number", "document_number", "account_manager")
VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        Channel.HALL: Variant(("document_number",)),
        Channel.OUTLET: Variant(("outlet", "clerk_number", "document_number"), ("outlet",)),
        Channel.ACCOUNT_MANAGER: Variant(("account_manager", "document_number"), ("account_manager",)),
        Channel.LETTER: Variant(("document_number",)),
        Channel.FAX: Variant(("document_number",)),
    }
)
_PLAIN = Variant(())


def variant_of(channel: str) -> Variant:
    """The variant of a channel; most ask for nothing."""
    return VARIANTS.get(channel, _PLAIN)


def asked_of(channel: str, origin: Origin) -> Origin:
    """An origin without what its channel does not ask for (typed before another channel was chosen)."""
    return Origin(**{part: getattr(origin, part) for part in variant_of(channel).asked})
