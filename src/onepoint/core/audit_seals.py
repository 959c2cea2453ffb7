"""The journal is sealed: whoever alters, removes or slips in an entry afterwards is found out (reliability I7).

A worker closes entries in batches, in the order of their ids; the digest of a batch takes in the one before. Sealing
beside the writes instead of in them costs no action anything and lets two people write on one subject at once. What is
younger than a minute or two is not sealed yet.

A chain could be computed anew by whoever owns the database; so its end is written once a day to a file outside of it
(the anchors), and ``./onepoint verify`` compares.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from onepoint.core import clock
from onepoint.core.models import AuditEntry, AuditSeal

BATCH = 1000
BATCHES_AT_ONCE = 20
#: An entry is sealed when every transaction that could have drawn a lower id has ended, and this long has passed.
REST_SECONDS = 30.0

_NEW_SEAL = """
WITH latest AS (SELECT number, last_entry_id, digest FROM core_auditseal ORDER BY number DESC LIMIT 1),
chosen AS (
    SELECT entry.id, audit_entry_digest(entry) AS digest FROM core_auditentry entry
    WHERE entry.id > coalesce((SELECT last_entry_id FROM latest), 0) AND entry.id <= %(upto)s
    ORDER BY entry.id LIMIT %(batch)s
)
INSERT INTO core_auditseal (number, sealed_at, last_entry_id, entry_ids, marks, digest)
SELECT coalesce((SELECT number FROM latest), 0) + 1, %(now)s, max(id), array_agg(id ORDER BY id),
    string_agg(substr(digest, 1, 4), ''::bytea ORDER BY id),
    sha256(coalesce((SELECT digest FROM latest), ''::bytea) || string_agg(digest, ''::bytea ORDER BY id))
FROM chosen HAVING count(*) > 0
RETURNING cardinality(entry_ids)
"""

# The entries of a seal are read by their span of ids, which every month of the journal answers by its index at once.
_CHECK = """
WITH seal AS (SELECT * FROM core_auditseal WHERE number = %(number)s),
former AS (SELECT last_entry_id, digest FROM core_auditseal WHERE number = %(number)s - 1),
present AS MATERIALIZED (
    SELECT entry.id, audit_entry_digest(entry) AS digest FROM core_auditentry entry
    WHERE entry.id > coalesce((SELECT last_entry_id FROM former), 0) AND entry.id <= (SELECT last_entry_id FROM seal)
),
archived AS MATERIALIZED (
    SELECT month.ids * span.ids AS ids FROM core_archivedmonth month, (
        SELECT int8multirange(int8range(coalesce((SELECT last_entry_id FROM former), 0), last_entry_id, '(]')) AS ids FROM seal
    ) span
    WHERE month.restored_at IS NULL AND month.ids && span.ids
),
parts AS (
    SELECT place.id, place.nth, present.digest,
        present.id IS NULL AND EXISTS (SELECT 1 FROM archived WHERE archived.ids @> place.id) AS is_archived
    FROM seal CROSS JOIN unnest(seal.entry_ids) WITH ORDINALITY AS place(id, nth)
    LEFT JOIN present ON present.id = place.id
)
SELECT coalesce(bool_or(is_archived), false) OR (SELECT digest FROM seal) = sha256(
        coalesce((SELECT digest FROM former), ''::bytea)
        || coalesce(string_agg(parts.digest, ''::bytea ORDER BY nth), ''::bytea)
    ),
    coalesce(array_agg(id ORDER BY id) FILTER (WHERE digest IS NULL AND NOT is_archived), '{}'),
    coalesce(array_agg(id ORDER BY id) FILTER (
        WHERE substr(parts.digest, 1, 4) <> substr((SELECT marks FROM seal), (nth::int - 1) * 4 + 1, 4)
    ), '{}'),
    (SELECT coalesce(array_agg(present.id ORDER BY present.id), '{}') FROM present
        WHERE present.id <> ALL ((SELECT entry_ids FROM seal)::bigint[]))
FROM parts
"""


@dataclass
class _Horizon:
    """Up to where may be sealed once all that was running when it was looked up has ended."""

    last_id: int
    after: int  # transaction id
    seen_at: float = field(default_factory=time.monotonic)


_horizon: _Horizon | None = None


def _look_up() -> _Horizon | None:
    sealed = sealed_upto()
    with connection.cursor() as cursor:
        # Mostly nothing is new, and then no month of the journal need be asked.
        cursor.execute("SELECT last_value FROM core_auditentry_id_seq")
        if cursor.fetchone()[0] == sealed:
            return None
        newest = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first()
        if newest is None or newest == sealed:
            return None
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return _Horizon(newest, cursor.fetchone()[0])


def _is_reached(horizon: _Horizon, rest: float) -> bool:
    if time.monotonic() - horizon.seen_at < rest:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return bool(cursor.fetchone()[0] >= horizon.after)


def sealed_upto() -> int:
    """The id of the last entry that is sealed."""
    return AuditSeal.objects.order_by("-number").values_list("last_entry_id", flat=True).first() or 0


def seal_journal(*, rest: float = REST_SECONDS) -> int:
    """Seal what is certain to be complete, a bounded number of entries; gives how many. The worker's tick."""
    global _horizon
    if _horizon is None:
        _horizon = _look_up()
    if _horizon is None or not _is_reached(_horizon, rest):
        return 0
    count, is_done = _seal_upto(_horizon.last_id)
    if is_done:
        _horizon = None
    if count:
        write_anchor()
    return count


def _seal_upto(last_id: int) -> tuple[int, bool]:
    """Seal entries up to an id; how many, and whether nothing is left of them."""
    count = 0
    for _batch in range(BATCHES_AT_ONCE):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('core.audit_seals', 0))")
            if not cursor.fetchone()[0]:
                return count, True  # another worker is at it
            cursor.execute(_NEW_SEAL, {"upto": last_id, "batch": BATCH, "now": clock.now()})
            sealed = cursor.fetchone()
        if sealed is None:
            return count, True
        count += sealed[0]
    return count, False


# -- anchors ------------------------------------------------------------------------------------------------------


def anchor_file() -> Path:
    """Where the chain's end is noted once a day: outside of the database."""
    return Path(settings.AUDIT_ANCHORS)


@dataclass(frozen=True)
class Anchor:
    """The end of the chain as it was noted."""

    number: int
    digest: str
    noted_at: datetime


def read_anchors() -> list[Anchor]:
    """Every line of the file that reads as one, oldest first."""
    try:
        lines = anchor_file().read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    anchors = []
    for line in lines:
        number, _sign, rest = line.partition(" ")
        digest, _sign, moment = rest.partition(" ")
        try:
            anchors.append(Anchor(int(number), digest, datetime.fromisoformat(moment)))
        except ValueError:
            continue  # a line half written when the machine stopped
    return anchors


def write_anchor() -> Anchor | None:
    """Note the end of the chain if none was noted today; None where nothing was to be written."""
    latest = AuditSeal.objects.order_by("-number").first()
    anchors = read_anchors()
    now = clock.now()
    if latest is None or (anchors and timezone.localdate(anchors[-1].noted_at) >= timezone.localdate(now)):
        return None
    anchor = Anchor(latest.number, bytes(latest.digest).hex(), now)
    path = anchor_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{anchor.number} {anchor.digest} {anchor.noted_at.isoformat()}\n")
        file.flush()
        os.fsync(file.fileno())
    return anchor


# -- afterwards ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Breach:
    """What is wrong with the journal, and of which entry (0: of a whole seal)."""

    entry_id: int
    text: str


def find_breaches() -> Iterator[Breach]:
    """Every entry that was altered, removed or slipped in since it was sealed, and every seal that does not fit.

    One query a seal; reads the whole journal. For entries in archived months the archive's note vouches.
    """
    expected = 0
    for number in AuditSeal.objects.order_by("number").values_list("number", flat=True).iterator(chunk_size=1000):
        expected += 1
        if number != expected:
            yield Breach(0, f"seals {expected} to {number - 1} are missing")
            expected = number
        yield from _breaches_of(number)
    yield from _broken_anchors()


def find_breaches_between(first: int, last: int) -> Iterator[Breach]:
    """The same of the seals that hold entries with ids from ``first`` to ``last``, and nothing else."""
    seals = AuditSeal.objects.filter(last_entry_id__gte=first).order_by("number").values_list("number", "last_entry_id")
    for number, upto in seals.iterator(chunk_size=1000):
        yield from _breaches_of(number)
        if upto >= last:
            return


def _breaches_of(number: int) -> Iterator[Breach]:
    with connection.cursor() as cursor:
        cursor.execute(_CHECK, {"number": number})
        is_whole, gone, altered, slipped_in = cursor.fetchone()
    yield from (Breach(pk, f"was removed after seal {number}") for pk in gone)
    yield from (Breach(pk, f"was altered after seal {number}") for pk in altered)
    yield from (Breach(pk, f"stands among those of seal {number} without being one of them") for pk in slipped_in)
    if not is_whole and not gone and not altered:
        yield Breach(0, f"seal {number} does not fit to its entries or to the seal before it")


def _broken_anchors() -> Iterator[Breach]:
    anchors = read_anchors()
    wanted = [anchor.number for anchor in anchors]
    digests: dict[int, Any] = dict(AuditSeal.objects.filter(number__in=wanted).values_list("number", "digest"))
    for anchor in anchors:
        if anchor.number not in digests:
            yield Breach(0, f"seal {anchor.number}, noted on {anchor.noted_at:%Y-%m-%d}, is gone")
        elif bytes(digests[anchor.number]).hex() != anchor.digest:
            yield Breach(0, f"seal {anchor.number} is not the one noted on {anchor.noted_at:%Y-%m-%d}")
