"""Every write of return visits; callers say ``services.take_rating(…)``."""

from onepoint.follow_ups.services.answering import (
    answer_by_digit,
    answer_by_link,
    record_answers,
    take_rating,
    take_up_again,
)
from onepoint.follow_ups.services.links import look_after_links, note_undelivered
from onepoint.follow_ups.services.making import drop_visits, make_visits, note_closing
from onepoint.follow_ups.services.presets import load_presets
from onepoint.follow_ups.services.questionnaires import (
    create_questionnaire,
    publish_questionnaire,
    switch_questionnaire,
    write_draft,
)
from onepoint.follow_ups.services.replying import Said, change_reply_rule, note_reply
from onepoint.follow_ups.services.risk_words import add_risk_word, switch_risk_word
from onepoint.follow_ups.services.rules import RuleItems, change_rule, create_rule, switch_rule
from onepoint.follow_ups.services.visiting import (
    claim_next,
    claim_visit,
    expire_visits,
    hand_over_visit,
    note_attempt,
    release_visit,
)

__all__ = [
    "RuleItems",
    "Said",
    "add_risk_word",
    "answer_by_digit",
    "answer_by_link",
    "change_reply_rule",
    "change_rule",
    "claim_next",
    "claim_visit",
    "create_questionnaire",
    "create_rule",
    "drop_visits",
    "expire_visits",
    "hand_over_visit",
    "load_presets",
    "look_after_links",
    "make_visits",
    "note_attempt",
    "note_closing",
    "note_reply",
    "note_undelivered",
    "publish_questionnaire",
    "record_answers",
    "release_visit",
    "switch_questionnaire",
    "switch_risk_word",
    "switch_rule",
    "take_rating",
    "take_up_again",
    "write_draft",
]
