"""How often something may be tried on the pages everybody can reach. The figures stand in docs/how-to/customer_portal.md.

Counted before the write, outside its transaction, so that what is refused counts too.
"""

from dataclasses import dataclass
from datetime import timedelta

from onepoint.core.throttling import TooManyTries, within_limit
from onepoint.portal.addressing import Address

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: A code lives so long and may be tried so often.
CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
SESSION_LIFE = timedelta(hours=12)
#: Files of one filing or one addition.
MOST_FILES = 5
LARGEST_FILE = 10 * 1024 * 1024  # bytes
LONGEST_TEXT = 5000


@dataclass(frozen=True)
class Limit:
    """At most ``count`` within ``per``."""

    name: str
    count: int
    per: timedelta


#: Codes: to one address, and asked for from one network (a mobile operator puts many people behind one).
CODES_TO_ADDRESS = (Limit("code-minute", 1, MINUTE), Limit("code-hour", 5, HOUR), Limit("code-day", 10, DAY))
CODES_FROM_NETWORK = (Limit("code-network", 60, HOUR),)
#: Codes entered, right or wrong, from one network.
ENTRIES_FROM_NETWORK = (Limit("entry-network", 120, HOUR),)
#: Requests written down, proved or not.
FILINGS_FROM_NETWORK = (Limit("filing-network", 20, HOUR), Limit("filing-network-day", 100, DAY))
FILINGS_OF_ADDRESS = (Limit("filing-address", 5, HOUR), Limit("filing-address-day", 15, DAY))
#: Files kept for forms that were refused.
FILES_FROM_NETWORK = (Limit("files-network", 20, HOUR),)
#: What one session does with tickets: adding, reminding, withdrawing, rating.
ACTS_OF_ADDRESS = (Limit("act-address", 30, HOUR),)


def count(limits: tuple[Limit, ...], key: str) -> None:
    """Count one try against each of the limits. Raises TooManyTries."""
    for limit in limits:
        if not within_limit(f"portal:{limit.name}:{key}", count=limit.count, per=limit.per):
            raise TooManyTries


def key_of(address: Address) -> str:
    return f"{address.medium}:{address.key}"
