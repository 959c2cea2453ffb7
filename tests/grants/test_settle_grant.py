"""One payment per approval; taking back."""

from collections.abc import Callable

import pytest

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.grants import policies, services
from onepoint.grants.models import Grant


def test_a_grant_is_settled_once_with_its_voucher(give: Callable[..., Grant], staff: Cast) -> None:
    grant = services.settle_grant(give(30), voucher="PZ-1", by=staff.supervisor)
    grant.refresh_from_db()
    assert (grant.state, grant.voucher, grant.settled_by) == ("settled", "PZ-1", staff.supervisor)
    with pytest.raises(policies.GrantStateForbids):
        services.settle_grant(grant, voucher="PZ-2", by=staff.supervisor)
    assert AuditEntry.objects.filter(verb="grant.settled", subject_type="grant").count() == 1


def test_one_voucher_settles_one_grant(give: Callable[..., Grant], staff: Cast) -> None:
    services.settle_grant(give(30), voucher="PZ-1", by=staff.supervisor)
    with pytest.raises(InvalidInput):
        services.settle_grant(give(30), voucher="PZ-1", by=staff.supervisor)


def test_what_waits_or_was_refused_is_not_paid(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(120)
    with pytest.raises(policies.GrantStateForbids):
        services.settle_grant(grant, voucher="PZ-1", by=staff.supervisor)
    services.refuse_grant(grant, words="不符", by=staff.coordinator)
    with pytest.raises(policies.GrantStateForbids):
        services.settle_grant(grant, voucher="PZ-1", by=staff.supervisor)


def test_settling_needs_its_permission_here_and_a_voucher(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(30)
    for person in (staff.agent, staff.outsider):
        with pytest.raises(NotPermitted):
            services.settle_grant(grant, voucher="PZ-1", by=person)
    with pytest.raises(InvalidInput):
        services.settle_grant(grant, voucher="  ", by=staff.supervisor)


def test_what_is_taken_back_no_longer_counts(give: Callable[..., Grant], staff: Cast) -> None:
    first = give(50)
    assert give(40).state == "waiting"
    services.cancel_grant(first, reason="客户不要", by=staff.agent)
    assert give(50).state == "granted"


def test_only_the_giver_or_who_settles_takes_back_and_never_after_payment(
    give: Callable[..., Grant], staff: Cast
) -> None:
    grant = give(30)
    with pytest.raises(policies.NotYourGrant):
        services.cancel_grant(grant, reason="x", by=staff.second_agent)
    services.settle_grant(grant, voucher="PZ-1", by=staff.supervisor)
    with pytest.raises(policies.GrantStateForbids):
        services.cancel_grant(grant, reason="x", by=staff.agent)
