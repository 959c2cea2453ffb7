"""Return visits: asking the customer whether it is settled, once for every closing of a ticket.

Owns: `Closing` (a ticket was closed, for the nth time), `VisitRule` with its versions, `FollowUp` (one visit), `VisitAttempt`,
`Questionnaire` with its versions, `RiskWord`. Whichever way the answer comes (telephone, SMS digit, link, portal), it is
one record. Who is not satisfied has his ticket reopened at the department that handled it last, or at the crisis seats.

Announces: `visit_answered`.
"""
