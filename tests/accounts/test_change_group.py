import pytest

from onepoint.accounts import policies, queries, services
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput, NotPermitted


@pytest.fixture
def group(cast):
    return services.create_group(code="crisis", name="危机处理组", name_en="Crisis team", by=cast.admin)


def test_members_answer_for_the_group_at_once(cast, group, last_entry, announced):
    services.add_member(group, cast.handler, by=cast.admin)
    assert f"G{group.pk}" in queries.candidate_keys(User.objects.get(pk=cast.handler.pk))
    assert last_entry("group.member_added").data["person"] == "handler"
    assert announced == ["group.member_added", "access:handler"]
    services.remove_member(group, cast.handler, by=cast.admin)
    assert f"G{group.pk}" not in queries.candidate_keys(User.objects.get(pk=cast.handler.pk))
    assert last_entry("group.member_removed").subject_id == group.pk


def test_adding_or_removing_twice_journals_once(cast, group, announced):
    services.add_member(group, cast.handler, by=cast.admin)
    services.add_member(group, cast.handler, by=cast.admin)
    services.remove_member(group, cast.handler, by=cast.admin)
    services.remove_member(group, cast.handler, by=cast.admin)
    assert announced.count("group.member_added") == announced.count("group.member_removed") == 1


def test_a_group_out_of_use_answers_for_nothing_and_takes_nobody(cast, group, last_entry):
    services.add_member(group, cast.handler, by=cast.admin)
    services.deactivate_group(group, by=cast.admin)
    assert f"G{group.pk}" not in queries.candidate_keys(User.objects.get(pk=cast.handler.pk))
    with pytest.raises(policies.NotInUse):
        services.add_member(group, cast.deputy, by=cast.admin)
    with pytest.raises(policies.AlreadyInThatState):
        services.deactivate_group(group, by=cast.admin)
    services.reactivate_group(group, by=cast.admin)
    assert last_entry("group.reactivated").subject_id == group.pk


def test_names_change_and_codes_are_unique(cast, group, last_entry):
    services.change_group(group, name="危机席", by=cast.admin)
    assert last_entry("group.changed").data["changes"] == {"name": ["危机处理组", "危机席"]}
    with pytest.raises(InvalidInput):
        services.create_group(code="crisis", name="又一个", by=cast.admin)


def test_only_who_manages_the_organisation_changes_groups(cast, group):
    for act in (
        lambda: services.create_group(code="x", name="x", by=cast.handler),
        lambda: services.change_group(group, name="x", by=cast.handler),
        lambda: services.add_member(group, cast.handler, by=cast.handler),
        lambda: services.remove_member(group, cast.handler, by=cast.handler),
        lambda: services.deactivate_group(group, by=cast.handler),
    ):
        with pytest.raises(NotPermitted):
            act()
