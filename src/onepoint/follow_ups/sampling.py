"""Which closings a rule's share chooses: by a hash, so that the same seed always draws the same sample.

The statement that makes visits says the same in SQL (``services.making``); a test compares the two.
"""

import hashlib

OUT_OF = 10_000


def bucket(closing_id: int, rule_id: int, seed: str) -> int:
    """0 to 9999, evenly and unpredictably spread over closings."""
    digest = hashlib.sha256(f"{closing_id}/{rule_id}/{seed}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % OUT_OF


def is_chosen(closing_id: int, rule_id: int, seed: str, share: int) -> bool:
    """Whether a share (in percent) takes this closing."""
    return bucket(closing_id, rule_id, seed) < share * OUT_OF // 100
