"""Writes of delegated authority; each in one transaction, journaled and announced."""

from onepoint.grants.services.administering import (
    AuthorityItems,
    change_audit_rule,
    change_authority,
    change_kind,
    change_objection_code,
    create_audit_rule,
    create_authority,
    create_kind,
    create_objection_code,
)
from onepoint.grants.services.auditing import (
    accept_correction,
    answer_objection,
    claim_audit,
    demand_again,
    object_to_grant,
    pass_audit,
    release_audit,
)
from onepoint.grants.services.giving import (
    NewGrant,
    approve_grant,
    cancel_grant,
    give_grant,
    refuse_grant,
    settle_grant,
)

__all__ = [
    "AuthorityItems",
    "NewGrant",
    "accept_correction",
    "answer_objection",
    "approve_grant",
    "cancel_grant",
    "change_audit_rule",
    "change_authority",
    "change_kind",
    "change_objection_code",
    "claim_audit",
    "create_audit_rule",
    "create_authority",
    "create_kind",
    "create_objection_code",
    "demand_again",
    "give_grant",
    "object_to_grant",
    "pass_audit",
    "refuse_grant",
    "release_audit",
    "settle_grant",
]
