"""System, security and audit administration with three accounts, none of which can get at another's part alone."""

import pytest

from cast import ROLE_PERMISSIONS, make_user
from onepoint.accounts import policies, queries, services, totp
from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.core import clock
from onepoint.core.errors import NotPermitted

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PARTS = {
    "system": ["organisation.view", "organisation.manage", "person.manage", "house.watch"],
    "security": ["organisation.view", "role.manage", "personal_data.audit", "access.explain"],
    "audit": ["audit.view"],
}


@pytest.fixture
def three(cast):
    """One person for each part, kept apart; the cast's all-round administrator has given his role up."""
    for code, permissions in PARTS.items():
        Role.objects.create(code=code, name=code, permissions=permissions, data_scope="all")
    people = {}
    for code in PARTS:
        people[code] = make_user(f"{code}er", cast.head_office, [])
        RoleGrant.objects.create(user=people[code], role=Role.objects.get(code=code), unit=cast.head_office)
    RoleGrant.objects.filter(user=cast.admin).delete()
    services.change_login_policy(second_factor="administrators", are_administrators_apart=True, by=None)
    return people


def grant(person, code, by, cast):
    return services.grant_role(person, role=Role.objects.get(code=code), unit=cast.head_office, by=by)


def test_nobody_can_be_given_two_parts(cast, three):
    with pytest.raises(policies.PartsMeet):
        grant(three["audit"], "system", three["security"], cast)
    with pytest.raises(policies.PartsMeet):
        grant(three["system"], "security", None, cast)
    assert queries.holders_of_two_parts() == {}


def test_a_role_cannot_grow_into_a_second_part(cast, three):
    role = Role.objects.get(code="system")
    with pytest.raises(policies.PartsMeet):
        services.change_role(role, permissions=[*PARTS["system"], "audit.view"], by=three["security"])
    role.refresh_from_db()
    assert role.permissions == PARTS["system"]


def test_a_role_out_of_use_cannot_come_back_with_a_second_part(cast, three):
    role = Role.objects.create(code="more", name="more", permissions=["audit.view"], data_scope="all", is_active=False)
    RoleGrant.objects.create(user=three["system"], role=role, unit=cast.head_office)
    with pytest.raises(policies.PartsMeet):
        services.reactivate_role(role, by=three["security"])


def test_somebody_locked_out_cannot_come_back_with_two_parts(cast, three):
    User.objects.filter(pk=three["audit"].pk).update(is_active=False)
    RoleGrant.objects.create(user=three["audit"], role=Role.objects.get(code="system"), unit=cast.head_office)
    with pytest.raises(policies.PartsMeet):
        services.reactivate_person(three["audit"], by=three["system"])


def test_only_security_administrators_give_roles_to_others_and_never_to_themselves(cast, three):
    with pytest.raises(NotPermitted):
        grant(cast.agent, "audit", three["system"], cast)
    with pytest.raises(policies.NotYourOwnAccess):
        grant(three["security"], "audit", three["security"], cast)
    with pytest.raises(policies.NotYourOwnAccess):
        services.change_role(
            Role.objects.get(code="security"), permissions=[*PARTS["security"], "ticket.view"], by=three["security"]
        )
    given = grant(cast.agent, "audit", three["security"], cast)
    services.revoke_role(given, by=three["security"])


def test_accounts_are_the_system_administrators(cast, three):
    with pytest.raises(NotPermitted):
        services.create_person(username="n1", name="新", unit=cast.head_office, password=None, by=three["security"])
    services.create_person(username="n1", name="新", unit=cast.head_office, password=None, by=three["system"])
    with pytest.raises(NotPermitted):
        services.change_login_policy(are_administrators_apart=False, by=three["system"])


def test_it_takes_two_to_get_into_an_account_of_another_part(cast, three):
    auditor = three["audit"]
    with pytest.raises(policies.GuardedPermission):
        services.reset_password(auditor, password="First-Pass-2026", by=three["system"])
    code = totp.code_at(SECRET, totp.step_at(clock.now()))
    services.set_up_second_factor(auditor, secret=SECRET, code=code, by=auditor)
    services.reset_password(auditor, password="First-Pass-2026", by=three["system"])
    with pytest.raises(NotPermitted):
        services.reset_second_factor(auditor, by=three["system"])
    with pytest.raises(NotPermitted):
        services.reset_password(auditor, password="First-Pass-2027", by=three["security"])
    services.reset_second_factor(auditor, by=three["security"])


def test_the_auditor_reads_the_journal_and_nothing_else(cast, three, client_of):
    client = client_of(three["audit"])
    assert client.get("/audit/").status_code == 200
    for page in ("/people/", "/tickets/", "/units/", "/login-policy/", "/roles/", "/exports/approvals/"):
        assert client.get(page).status_code in (403, 404), page


def test_it_is_not_switched_on_while_somebody_holds_two_parts_or_none_has_a_second_factor(cast):
    with pytest.raises(policies.PartsMeet) as refusal:
        services.change_login_policy(second_factor="administrators", are_administrators_apart=True, by=cast.admin)
    assert "admin" in str(refusal.value)
    RoleGrant.objects.filter(user=cast.admin).delete()
    with pytest.raises(policies.NoSecondFactorAsked):
        services.change_login_policy(are_administrators_apart=True, by=None)
    assert not queries.are_administrators_apart()


def test_security_administrators_find_the_form_on_the_page_of_a_person(cast, three, client_of):
    client = client_of(three["security"])
    page = client.get("/people/agent/")
    assert "grant_form" in page.context
    role = Role.objects.get(code="visitor") if Role.objects.filter(code="visitor").exists() else None
    assert role is not None
    assert set(role.permissions) == set(ROLE_PERMISSIONS["visitor"])
    sent = {"role": role.pk, "unit": cast.call_centre.pk, "data_scope": ""}
    assert client.post("/people/agent/grant-role/", sent).status_code == 302
    assert cast.agent.role_grants.filter(role=role).exists()
    assert "grant_form" not in (client_of(three["system"]).get("/people/agent/").context or {})
