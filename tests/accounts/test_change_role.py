import pytest

from onepoint.accounts import policies, services
from onepoint.accounts.models import Role, User
from onepoint.accounts.states import DataScope
from onepoint.core.errors import InvalidInput, NotPermitted


def test_a_role_holds_registered_permissions_sorted(cast, last_entry):
    role = services.create_role(
        code="reader",
        name="查看员",
        permissions=["organisation.view", "audit.view"],
        data_scope=DataScope.ALL,
        by=cast.admin,
    )
    assert role.permissions == ["audit.view", "organisation.view"]
    assert last_entry("role.created").data["permissions"] == role.permissions


def test_a_permission_nobody_registered_is_refused(cast):
    with pytest.raises(InvalidInput) as refusal:
        services.create_role(code="reader", name="查看员", permissions=["organisation.destroy"], by=cast.admin)
    assert "permissions" in refusal.value.errors


def test_a_change_counts_for_holders_at_once(cast, last_entry, announced):
    role = Role.objects.get(code="handler")
    assert not cast.handler.may("organisation.view")
    services.change_role(role, permissions=["organisation.view"], by=cast.admin)
    assert User.objects.get(pk=cast.handler.pk).may("organisation.view")
    assert "access:handler" in announced
    assert last_entry("role.changed").data["changes"]["permissions"][1] == ["organisation.view"]


def test_a_role_out_of_use_gives_no_rights_until_it_is_back(cast, last_entry):
    role = Role.objects.get(code="supervisor")
    services.deactivate_role(role, by=cast.admin)
    assert not User.objects.get(pk=cast.supervisor.pk).may("organisation.view")
    assert last_entry("role.deactivated").subject_id == role.pk
    with pytest.raises(policies.AlreadyInThatState):
        services.deactivate_role(role, by=cast.admin)
    services.reactivate_role(role, by=cast.admin)
    assert User.objects.get(pk=cast.supervisor.pk).may("organisation.view")


def test_roles_are_changed_only_by_who_may_manage_them(cast, city_admin):
    role = Role.objects.get(code="handler")
    for by in (cast.handler, city_admin):
        for act in (
            lambda by: services.create_role(code="x", name="x", permissions=[], by=by),
            lambda by: services.change_role(role, name="x", by=by),
            lambda by: services.deactivate_role(role, by=by),
        ):
            with pytest.raises(NotPermitted):
                act(by)


def test_who_manages_roles_cannot_put_in_guarded_rights_he_lacks(cast):
    services.change_role(Role.objects.get(code="handler"), permissions=["role.manage"], by=None)
    by = User.objects.get(pk=cast.handler.pk)
    with pytest.raises(policies.GuardedPermission):
        services.change_role(Role.objects.get(code="agent"), permissions=["audit.view"], by=by)


def test_somebody_who_may_manage_roles_always_remains(cast):
    role = Role.objects.get(code="admin")
    with pytest.raises(policies.NoAdministratorLeft):
        services.change_role(role, permissions=["organisation.view"], by=cast.admin)
    with pytest.raises(policies.NoAdministratorLeft):
        services.deactivate_role(role, by=cast.admin)
    role.refresh_from_db()
    assert role.is_active
    assert "role.manage" in role.permissions
