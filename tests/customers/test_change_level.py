import pytest

from onepoint.accounts.models import Role
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.customers import queries, services


@pytest.fixture
def keeper(cast):
    role = Role.objects.get(code="admin")
    role.permissions = [*role.permissions, "customer_level.manage"]
    role.save()
    return cast.admin


def test_a_level_is_created_and_changed_with_an_audit_row_each(cast, keeper):
    level = services.create_level(by=keeper, code="platinum", name="白金级", name_en="Platinum", rank=35)
    services.change_level(level, by=keeper, rank=36)
    verbs = AuditEntry.objects.filter(subject_type="customer_level", subject_id=level.pk).values_list("verb", flat=True)
    assert list(verbs) == ["customer_level.created", "customer_level.changed"]
    lower = services.create_level(by=keeper, code="silver", name="银级", rank=20)
    assert queries.levels() == [level, lower]
    services.change_level(level, by=keeper, is_active=False)
    assert level not in queries.levels()
    assert level in queries.levels(only_in_use=False)


def test_a_code_is_given_once(cast, keeper):
    services.create_level(by=keeper, code="gold", name="金级")
    with pytest.raises(InvalidInput):
        services.create_level(by=keeper, code="gold", name="另一个金级")


def test_others_may_not(cast, keeper):
    level = services.create_level(by=keeper, code="gold", name="金级")
    with pytest.raises(NotPermitted):
        services.create_level(by=cast.agent, code="platinum", name="白金级")
    with pytest.raises(NotPermitted):
        services.change_level(level, by=cast.agent, rank=1)
