"""Every write of inspection; callers say ``services.mark_unqualified(…)``."""

from onepoint.quality.services.appeals import file_appeal, settle_appeal
from onepoint.quality.services.marks import mark_unqualified, settle_mark, withdraw_mark
from onepoint.quality.services.presets import load_standard
from onepoint.quality.services.rectifications import (
    NewRectification,
    accept_rectification,
    ask_rectification,
    cancel_rectification,
    hand_in_rectification,
    reject_rectification,
)
from onepoint.quality.services.standard import (
    CodeItems,
    StandardItems,
    begin_draft,
    discard_draft_of_standard,
    publish_standard,
    write_draft_of_standard,
)

__all__ = [
    "CodeItems",
    "NewRectification",
    "StandardItems",
    "accept_rectification",
    "ask_rectification",
    "begin_draft",
    "cancel_rectification",
    "discard_draft_of_standard",
    "file_appeal",
    "hand_in_rectification",
    "load_standard",
    "mark_unqualified",
    "publish_standard",
    "reject_rectification",
    "settle_appeal",
    "settle_mark",
    "withdraw_mark",
    "write_draft_of_standard",
]
