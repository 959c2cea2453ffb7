"""Why somebody may not raise, accept, remove or verify a hidden risk: the refusal, or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.quality.hidden_risk_states import LIMITED_RISKS, TRANSITIONS
from onepoint.quality.models import HiddenRisk


class RiskStateForbids(BusinessError):
    """The transition table has no such step from the present state."""

    code = "risk_state_forbids"
    message = _("This is not possible while the hidden risk is “%(state)s”.")


class OwnRemoval(BusinessError):
    """Whoever removed it does not verify it himself."""

    code = "own_removal"
    message = _("You removed it yourself; somebody else verifies that it is gone.")


def why_not_list(by: User | None) -> BusinessError | None:
    """The list needs ``hidden_risk.view``."""
    return why_not_permitted("hidden_risk.view", by)


def why_not_manage_kinds(by: User | None) -> BusinessError | None:
    """Adding, naming, ordering and retiring kinds needs ``hidden_risk.manage``."""
    return why_not_permitted("hidden_risk.manage", by)


def why_not_raise(by: User | None) -> BusinessError | None:
    """Raising one needs ``hidden_risk.raise``; everybody at work should hold it."""
    return why_not_permitted("hidden_risk.raise", by)


def _reaches(risk: HiddenRisk, permission: str, by: User | None) -> bool:
    return by is None or (by.may(permission) and scope_of(by, permission).meets(risk.audience))


def _why_not(risk: HiddenRisk, verb: str, may: bool) -> BusinessError | None:
    if not may:
        return NotPermitted()
    return None if risk.state in TRANSITIONS[verb].sources else RiskStateForbids(state=risk.get_state_display())


def why_not_accept(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """Giving it to a unit with a limit: ``hidden_risk.coordinate`` where it is."""
    return _why_not(risk, "accept", _reaches(risk, "hidden_risk.coordinate", by))


def why_not_refuse(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """Saying that it is none: ``hidden_risk.coordinate`` where it is."""
    return _why_not(risk, "refuse", _reaches(risk, "hidden_risk.coordinate", by))


def why_not_hand_over(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """Another unit, person or limit: ``hidden_risk.coordinate`` while it waits to be removed."""
    if not _reaches(risk, "hidden_risk.coordinate", by):
        return NotPermitted()
    return None if risk.state in LIMITED_RISKS else RiskStateForbids(state=risk.get_state_display())


def why_not_insist(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """After a refusal whoever raised it may say once more why it is one."""
    return _why_not(risk, "insist", by is None or by.pk == risk.raised_by_id)


def _removes(risk: HiddenRisk, by: User | None) -> bool:
    return by is None or by.pk == risk.owner_id or _reaches(risk, "hidden_risk.remove", by)


def why_not_start(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """The responsible person, or ``hidden_risk.remove`` where it is."""
    return _why_not(risk, "start", _removes(risk, by))


def why_not_remove(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """As ``why_not_start``."""
    return _why_not(risk, "remove", _removes(risk, by))


def _judges(risk: HiddenRisk, verb: str, by: User | None) -> BusinessError | None:
    raised_it = by is not None and by.pk == risk.raised_by_id
    refusal = _why_not(risk, verb, raised_it or _reaches(risk, "hidden_risk.coordinate", by))
    return refusal or (OwnRemoval() if by is not None and by.pk == risk.removed_by_id else None)


def why_not_verify(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """The raiser, or ``hidden_risk.coordinate`` where it is; never whoever removed it."""
    return _judges(risk, "verify", by)


def why_not_send_back(risk: HiddenRisk, by: User | None) -> BusinessError | None:
    """As ``why_not_verify``."""
    return _judges(risk, "send_back", by)
