"""Why somebody may not grant, decide, settle or audit: the refusal, or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.queries import delegated_keys, own_keys
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.grants.models import AuditItem, Grant
from onepoint.grants.states import AUDIT_TRANSITIONS, TRANSITIONS, AuditState


class GrantStateForbids(BusinessError):
    """The transition table has no such step from the present state."""

    code = "grant_state_forbids"
    message = _("This is not possible while the grant is “%(state)s”.")


class NotYourDecision(BusinessError):
    """A grant is decided by holders of a role whose authority covers it."""

    code = "not_your_decision"
    message = _("This grant is decided by others: their authority covers it.")
    status = 403


class OwnGrant(BusinessError):
    """Nobody decides or audits what he granted himself."""

    code = "own_grant"
    message = _("You granted or decided this yourself; somebody else has to look at it.")
    status = 403


class AboveYourAuthority(BusinessError):
    """The approver's own limits do not cover the grant now."""

    code = "above_your_authority"
    message = _("This is above your own authority now: %(limits)s.")


class NobodyMayApprove(BusinessError):
    """The amount is above the granter's authority and nobody of the house has a higher one."""

    code = "nobody_may_approve"
    message = _("This is above your authority, and nobody else has one that covers it. Please grant less.")
    status = 422


class NotYourGrant(BusinessError):
    """Taken back by who granted it, or by who settles grants."""

    code = "not_your_grant"
    message = _("Only the person who granted it, or whoever settles grants, may do this.")
    status = 403


class OwnUnitsGrant(BusinessError):
    """The rule keeps auditors away from grants of their own unit."""

    code = "own_units_grant"
    message = _("By the rule for audits, grants of your own unit are audited by others.")
    status = 403


class AuditedByAnother(BusinessError):
    """Somebody else has taken this audit."""

    code = "audited_by_another"
    message = _("%(name)s has taken this audit.")


class AuditStateForbids(BusinessError):
    """The audit has no such step from its present state."""

    code = "audit_state_forbids"
    message = _("This is not possible while the audit is “%(state)s”.")


class NotYourCorrection(BusinessError):
    """A correction is owed by whoever granted."""

    code = "not_your_correction"
    message = _("The correction is answered by the person who granted.")
    status = 403


def why_not_give(by: User | None) -> BusinessError | None:
    """Granting, or asking for it, needs ``grant.give``; nothing is granted by nobody."""
    return NotPermitted() if by is None else why_not_permitted("grant.give", by)


def why_not_list(by: User | None) -> BusinessError | None:
    """The list of grants is for whoever may see, give, settle or audit them."""
    allowed = by is None or any(by.may(f"grant.{verb}") for verb in ("view", "give", "settle", "audit"))
    return None if allowed else NotPermitted()


def why_not_list_approvals(by: User | None) -> BusinessError | None:
    """The to-do of approvals needs ``grant.approve``."""
    return why_not_permitted("grant.approve", by)


def _why_not_move(grant: Grant, verb: str) -> GrantStateForbids | None:
    allowed = grant.state in TRANSITIONS[verb].sources
    return None if allowed else GrantStateForbids(state=grant.get_state_display())


def deciders_of(grant: Grant, by: User) -> list[int | None]:
    """In whose name a person could decide: None for his own, then those he stands in for."""
    keys = set(grant.approver_keys)
    names: list[int | None] = [] if own_keys(by).isdisjoint(keys) else [None]
    names += [absentee for absentee, delegated in delegated_keys(by).items() if not delegated.isdisjoint(keys)]
    return names


def why_not_decide(grant: Grant, by: User | None, verb: str = "approve") -> BusinessError | None:
    """Needs ``grant.approve`` and a role whose authority covers it, here or by delegation; never one's own grant."""
    if by is None:
        return NotPermitted()
    if refusal := why_not_permitted("grant.approve", by):
        return refusal
    names = deciders_of(grant, by)
    if not names:
        return NotYourDecision()
    if by.pk == grant.granted_by_id or all(name == grant.granted_by_id for name in names):
        return OwnGrant()
    return _why_not_move(grant, verb)


def _reaches(grant: Grant, permission: str, by: User) -> bool:
    return by.may(permission) and scope_of(by, permission).reaches(
        unit_id=grant.unit_id, region_id=grant.region_id, level_id=grant.customer.level_id, has_customer=True
    )


def why_not_settle(grant: Grant, by: User | None) -> BusinessError | None:
    """Needs ``grant.settle`` in the grant's place; it holds and was not settled. Never by who granted it."""
    if by is not None and not _reaches(grant, "grant.settle", by):
        return NotPermitted()
    if by is not None and by.pk == grant.granted_by_id:
        return OwnGrant()
    return _why_not_move(grant, "settle")


def why_not_cancel(grant: Grant, by: User | None) -> BusinessError | None:
    """By who granted it or who settles grants of the place, until it is settled."""
    if by is not None and by.pk != grant.granted_by_id and not _reaches(grant, "grant.settle", by):
        return NotYourGrant()
    return _why_not_move(grant, "cancel")


def why_not_manage_authorities(by: User | None) -> BusinessError | None:
    """Kinds, authorities, rules for audits and reasons for objecting: ``authority.manage``."""
    return why_not_permitted("authority.manage", by)


# --- audit ------------------------------------------------------------------------------------------------------


def why_not_list_audits(by: User | None) -> BusinessError | None:
    """The audit queue needs ``grant.audit``."""
    return why_not_permitted("grant.audit", by)


def _why_not_audit(item: AuditItem, verb: str, by: User | None) -> BusinessError | None:
    grant = item.grant
    if by is None or not _reaches(grant, "grant.audit", by):
        return NotPermitted()
    if by.pk in (grant.granted_by_id, grant.decided_by_id, grant.on_behalf_of_id):
        return OwnGrant()
    if item.excluded_unit_id and f"U{item.excluded_unit_id}" in own_keys(by):
        return OwnUnitsGrant()
    allowed = item.state in AUDIT_TRANSITIONS[verb].sources
    return None if allowed else AuditStateForbids(state=item.get_state_display())


def why_not_claim(item: AuditItem, by: User | None) -> BusinessError | None:
    """Needs ``grant.audit`` in the grant's place; never one's own grant, nor one of the own unit where the rule forbids it."""
    return _why_not_audit(item, "claim", by)


def why_not_judge(item: AuditItem, by: User | None, verb: str = "pass") -> BusinessError | None:
    """Pass, object, give back, accept or demand more: by the auditor who took it."""
    if refusal := _why_not_audit(item, verb, by):
        return refusal
    if item.auditor and by is not None and item.auditor_id != by.pk:
        return AuditedByAnother(name=item.auditor.label)
    return None


def why_not_correct(item: AuditItem, by: User | None) -> BusinessError | None:
    """The correction is answered by who granted, while it is owed."""
    if by is None or by.pk != item.grant.granted_by_id:
        return NotYourCorrection()
    if item.state != AuditState.OBJECTED:
        return AuditStateForbids(state=item.get_state_display())
    return None
