"""What a plan may draw in a period, as SQL: the finished work that fits, whose it was, its stratum, its risks and its place.

The place is decided by a hash, so that the same seed always draws the same sample. ``u`` is the first 48 bits of
``sha256("<id>/<seed>")`` as a number between 0 and 1; pieces come in the order of ``-ln(u) / weight``. With equal weights that
is a simple random sample; with weights it is a weighted one without replacement, in which the first piece is drawn with a
probability proportional to its weight, the next likewise among the others, and so on (P. Efraimidis, P. Spirakis, "Weighted
random sampling with a reservoir", Information Processing Letters 97 (2006) 181–185).
"""

import hashlib
import json
from collections.abc import Mapping
from math import log
from typing import Any

from onepoint.channels.states import Channel, ContactOutcome
from onepoint.quality.inspection_states import CardAbout, Method, Stratum
from onepoint.quality.risks import all_risks

#: Conversations a card about contacts judges where a plan names no channels.
SPOKEN = (Channel.CHAT.value, Channel.HOTLINE.value)


def place_of(subject_id: int, seed: str) -> float:
    """``u`` of a piece, as the SQL has it."""
    digest = hashlib.sha256(f"{subject_id}/{seed}".encode()).digest()
    return (int.from_bytes(digest[:6], "big") + 0.5) / 2**48


def order_of(subject_id: int, seed: str, weight: int = 1) -> float:
    """By this number pieces come, the smallest first."""
    return -log(place_of(subject_id, seed)) / weight


_U = (
    "((('x' || encode(substr(sha256(convert_to({id} || '/' || {seed}, 'UTF8')), 1, 6), 'hex'))::bit(48)::bigint + 0.5::float8)"
    " / 281474976710656)"
)

# The last to write an opinion in a unit that receives tickets: who handled it, not who passed it on or rang the customer.
_HANDLED_BY = """
JOIN LATERAL (
    SELECT o.author_id AS person_id, o.unit_id FROM workflow_processinstance i
    JOIN workflow_opinion o ON o.instance_id = i.id
    JOIN accounts_orgunit h ON h.id = o.unit_id AND h.receives_tickets
    WHERE i.subject_type = 'ticket' AND i.subject_id = t.id AND o.author_id IS NOT NULL
    ORDER BY o.id DESC LIMIT 1
) w ON true
LEFT JOIN accounts_orgunit u ON u.id = w.unit_id
"""
_RECORDED_BY = """
JOIN accounts_user p ON p.id = t.created_by_id
LEFT JOIN accounts_orgunit u ON u.id = p.unit_id
"""
_TICKETS = """
SELECT t.id, {person} AS person_id, u.id AS unit_id, coalesce(u.path, '') AS unit_path, coalesce(s.path, '') AS subject_path,
    t.region_id, t.category_id, t.customer_level_id, {stratum} AS stratum, {risks} AS risks
FROM tickets_ticket t
{work}
LEFT JOIN accounts_orgunit s ON s.id = t.unit_id
WHERE t.closed_at >= %(begins)s AND t.closed_at < %(ends)s AND t.status = 'closed' AND t.merged_into_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM quality_appeal a WHERE a.ticket_id = t.id)
    AND (%(kinds)s::text[] = '{{}}' OR t.kind = ANY (%(kinds)s))
    AND (%(channels)s::text[] = '{{}}' OR t.channel = ANY (%(channels)s))
    AND (%(categories)s::bigint[] = '{{}}' OR EXISTS (SELECT 1 FROM tickets_category c, tickets_category above
        WHERE c.id = t.category_id AND above.id = ANY (%(categories)s) AND starts_with(c.path, above.path)))
    AND (%(units)s::bigint[] = '{{}}' OR EXISTS (SELECT 1 FROM accounts_orgunit above
        WHERE above.id = ANY (%(units)s) AND starts_with(u.path, above.path)))
"""
_CONTACTS = """
SELECT t.id, t.agent_id AS person_id, u.id AS unit_id, coalesce(u.path, '') AS unit_path, coalesce(s.path, '') AS subject_path,
    t.region_id, k.id AS category_id, m.level_id AS customer_level_id, {stratum} AS stratum, '{{}}'::text[] AS risks
FROM channels_contact t
JOIN accounts_user p ON p.id = t.agent_id
LEFT JOIN accounts_orgunit u ON u.id = p.unit_id
LEFT JOIN accounts_orgunit s ON s.id = t.unit_id
LEFT JOIN tickets_category k ON k.code = t.category_code
LEFT JOIN customers_customer m ON m.id = t.customer_id
WHERE t.started_at >= %(begins)s AND t.started_at < %(ends)s AND t.outcome <> %(open)s
    AND t.channel = ANY (%(channels)s)
    AND (%(categories)s::bigint[] = '{{}}' OR EXISTS (SELECT 1 FROM tickets_category above
        WHERE above.id = ANY (%(categories)s) AND starts_with(k.path, above.path)))
    AND (%(units)s::bigint[] = '{{}}' OR EXISTS (SELECT 1 FROM accounts_orgunit above
        WHERE above.id = ANY (%(units)s) AND starts_with(u.path, above.path)))
"""
_STRATA = {
    "": "''",
    Stratum.UNIT: "coalesce(u.id::text, '')",
    Stratum.PERSON: "{person}::text",
    Stratum.CATEGORY: "coalesce({category}::text, '')",
}


def _risks_sql(rules: Mapping[str, Any]) -> str:
    """The array of codes of the risks a plan weighs that hold for a ticket."""
    asked = [risk for risk in all_risks() if rules["method"] == Method.RISK and rules["weights"].get(risk.code)]
    if not asked:
        return "'{}'::text[]"
    parts = ", ".join(f"CASE WHEN {risk.condition} THEN '{risk.code}' END" for risk in asked)
    return f"array_remove(ARRAY[{parts}]::text[], NULL)"


def population_sql(rules: Mapping[str, Any]) -> str:
    """Every piece a plan may draw, with ``stratum``, ``risks``, ``weight`` and ``place``. Takes the values of :func:`values_of`."""
    stratum = rules["stratum"] if rules["method"] == Method.STRATIFIED else ""
    if rules["about"] == CardAbout.CONTACT:
        inner = _CONTACTS.format(stratum=_STRATA[stratum].format(person="t.agent_id", category="k.id"))
    else:
        is_record = rules["about"] == CardAbout.RECORD
        person, work = ("t.created_by_id", _RECORDED_BY) if is_record else ("w.person_id", _HANDLED_BY)
        inner = _TICKETS.format(
            person=person, work=work, risks=_risks_sql(rules),
            stratum=_STRATA[stratum].format(person=person, category="t.category_id"),
        )  # fmt: skip
    weighed = (
        "1 + coalesce((SELECT sum((%(weights)s::jsonb ->> r)::int) FROM unnest(q.risks) AS r), 0) AS weight"
        if rules["method"] == Method.RISK
        else "1 AS weight"
    )
    return (
        f"SELECT x.*, -ln({_U.format(id='x.id', seed='%(seed)s')}) / x.weight AS place"
        f" FROM (SELECT q.*, {weighed} FROM ({inner}) q) x"
    )


def values_of(rules: Mapping[str, Any], seed: str) -> dict[str, Any]:
    """What the SQL is given besides the period."""
    channels = list(rules["channels"])
    if rules["about"] == CardAbout.CONTACT and not channels:
        channels = list(SPOKEN)
    return {
        "kinds": list(rules["kinds"]), "channels": channels, "categories": list(rules["category_ids"]),
        "units": list(rules["unit_ids"]), "seed": seed, "open": ContactOutcome.OPEN.value,
        "weights": json.dumps(rules["weights"]),
    }  # fmt: skip
