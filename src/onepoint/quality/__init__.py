"""Inspection: whether tickets are recorded, passed on and answered as the house has said they should be.

Owns: the published standard of unqualified tickets (`Standard`, `UnqualifiedCode`), marks both ways (`Mark`), their appeals
(`Appeal`) and rectifications (`Rectification`).

Announces: `ticket_marked`, `mark_settled`.
"""
