"""Inspection: whether tickets are recorded, passed on and answered as the house has said they should be.

Owns: the published standard of unqualified tickets (`Standard`, `UnqualifiedCode`), marks both ways (`Mark`), their appeals
(`Appeal`) and rectifications (`Rectification`). Score cards (`Scorecard`), `SamplingPlan` and its `SamplingDraw`, `Inspection`
(one piece of work drawn, with its result) and its `Scoring`s; coaching: `CoachingCase`, `CaseMeeting`, `Training`,
`ExpertLevel`.

Announces: `ticket_marked`, `mark_settled`, `inspection_submitted`.
"""
