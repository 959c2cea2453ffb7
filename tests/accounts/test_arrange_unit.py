import pytest

from onepoint.accounts import policies, queries, services
from onepoint.core.errors import InvalidInput


def test_the_order_of_interface_people_is_the_order_given(cast, last_entry, announced):
    people = [cast.handler, cast.interface_person]
    services.arrange_interface_people(cast.network, people=people, by=cast.admin)
    assert queries.interface_people_of(cast.network) == people
    assert last_entry("unit.interface_people_arranged").data["people"] == [
        ["interface_person", "deputy"],
        ["handler", "interface_person"],
    ]
    assert announced == ["unit.interface_people_arranged"]


def test_a_person_named_twice_stands_once(cast):
    services.arrange_interface_people(cast.network, people=[cast.handler, cast.handler], by=cast.admin)
    assert queries.interface_people_of(cast.network) == [cast.handler]


def test_the_same_order_again_changes_nothing(cast, announced):
    services.arrange_interface_people(cast.network, people=[cast.interface_person, cast.deputy], by=cast.admin)
    assert announced == []


def test_somebody_locked_out_cannot_receive_tickets(cast):
    services.deactivate_person(cast.handler, by=cast.admin)
    with pytest.raises(policies.NotInUse):
        services.arrange_interface_people(cast.network, people=[cast.handler], by=cast.admin)


def test_the_page_adds_moves_up_and_removes(cast, client_of):
    client = client_of(cast.admin)
    url = "/units/east-network/interface-people/"
    client.post(url, {"person": cast.handler.pk})
    assert queries.interface_people_of(cast.network) == [cast.interface_person, cast.deputy, cast.handler]
    client.post(url, {"up": "handler"})
    assert queries.interface_people_of(cast.network) == [cast.interface_person, cast.handler, cast.deputy]
    client.post(url, {"remove": "interface_person"})
    assert queries.interface_people_of(cast.network) == [cast.handler, cast.deputy]


def test_a_position_is_created_renamed_closed_and_opened_again(cast, last_entry):
    position = services.create_position(cast.network, name="网络值班长", name_en="Duty lead", by=cast.admin)
    services.change_position(position, name="值班长", by=cast.admin)
    services.deactivate_position(position, by=cast.admin)
    assert not position.is_active
    services.reactivate_position(position, by=cast.admin)
    position.refresh_from_db()
    assert position.is_active
    assert position.name == "值班长"
    for verb in ("position_created", "position_changed", "position_closed", "position_reopened"):
        assert last_entry(f"unit.{verb}").subject_id == cast.network.pk


def test_two_positions_of_a_unit_differ_in_name(cast):
    services.create_position(cast.network, name="值班长", by=cast.admin)
    with pytest.raises(InvalidInput):
        services.create_position(cast.network, name="值班长", by=cast.admin)


def test_a_position_somebody_holds_is_not_closed(cast):
    position = cast.handler.appointments.get().position
    with pytest.raises(policies.StillInUse):
        services.deactivate_position(position, by=cast.admin)
