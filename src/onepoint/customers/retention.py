"""How long files are kept: every capability registers its kinds, and what else decides whether one may go.

A file's months begin when whatever it belongs to has ended: the ticket closed, or the mail or chat received where there is
no ticket. Nothing goes while anything it is about is still open, and nothing of a customer under a legal hold.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from onepoint.core import clock, months
from onepoint.core.models import Attachment

BATCH = 200
#: Files counted before it says "1000+", and files looked at before it says "or more".
MOST_COUNTED = 1000
MOST_LOOKED_AT = 5000

#: Where the next batch begins: moment and id of the last file of the one before.
Position = tuple[datetime, int]


@dataclass
class Standing:
    """What one owner of files is about: the later of its ends counts, and one reason to stay is enough.

    ``about``: noun → ids (``customer``, ``contact``, ``ticket``), numbers (``ticket_number``) or addresses (``address``).
    """

    ended_at: datetime
    about: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    stays: bool = False

    def lasts_until(self, moment: datetime | None) -> None:
        """Something it is about ended then; None: has not ended, so the files stay."""
        if moment is None:
            self.stays = True
        else:
            self.ended_at = max(self.ended_at, moment)


@dataclass(frozen=True)
class Kind:
    """Files of one noun. ``standings_of`` gives id → standing for owners that have ended; of others the files stay."""

    order: int
    code: str
    label: str | Promise
    counted_from: str | Promise
    subject: str
    standings_of: Callable[[Sequence[int]], Mapping[int, Standing]]


#: Adds to standings what a capability knows of the things named in ``about``, or that they stay. With the flag it locks
#: what it judged by until the transaction ends, and lets stay what somebody else holds at the moment.
Tie = Callable[[Sequence[Standing], bool], None]

_kinds: dict[str, Kind] = {}
_ties: dict[int, Tie] = {}


def register_kind(kind: Kind) -> None:
    """Let files have a time of their own; the later of one code is kept."""
    _kinds[kind.code] = kind


def register_tie(order: int, tie: Tie) -> None:
    """Let files stay for a further reason; ties are asked in this order, each sees what those before it added."""
    _ties[order] = tie


def kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.code))


def find_kind(code: str) -> Kind | None:
    return _kinds.get(code)


def named(standings: Sequence[Standing], noun: str) -> set:
    """Everything of one noun the standings are about."""
    return {one for standing in standings for one in standing.about.get(noun, ())}


def cutoff(count: int) -> datetime:
    """What ended before this moment has been kept for so many months, the last day in full."""
    return timezone.make_aware(datetime.combine(months.day_before(clock.today(), count), time.min))


def stored_files(kind: Kind, before: datetime, after: Position | None = None) -> QuerySet[Attachment]:
    """Files of a kind that have content and came before a moment, the oldest first."""
    files = Attachment.objects.filter(subject_type=kind.subject, uploaded_at__lt=before).exclude(sha256="")
    if after is not None:
        files = files.filter(uploaded_at__gte=after[0]).exclude(uploaded_at=after[0], pk__lte=after[1])
    return files.order_by("uploaded_at", "pk")


def past_their_time(
    kind: Kind, files: Sequence[Attachment], before: datetime, *, locked: bool = False
) -> list[Attachment]:
    """Those of the files that may go: what they are about ended before that moment, and nothing lets them stay."""
    standings = kind.standings_of(sorted({file.subject_id for file in files}))
    known = list(standings.values())
    for _order, tie in sorted(_ties.items()):
        tie(known, locked)
    gone = {pk for pk, standing in standings.items() if not standing.stays and standing.ended_at < before}
    return [file for file in files if file.subject_id in gone]


def count_past(kind: Kind, kept_months: int) -> tuple[int, bool]:
    """How many files would go by a rule now, and whether there are more than were counted."""
    before = cutoff(kept_months)
    position: Position | None = None
    count = 0
    for _batch in range(MOST_LOOKED_AT // MOST_COUNTED):
        files = list(stored_files(kind, before, position)[: MOST_COUNTED + 1])
        count += len(past_their_time(kind, files, before))
        if count > MOST_COUNTED:
            return MOST_COUNTED, True
        if len(files) <= MOST_COUNTED:
            return count, False
        position = (files[-1].uploaded_at, files[-1].pk)
    return count, True
