"""A tree of hundreds of units is drawn branch by branch."""

import pytest

from onepoint.accounts import queries, services
from onepoint.accounts.queries import organisation


@pytest.fixture
def many(cast, monkeypatch):
    monkeypatch.setattr(organisation, "DRAWN_AT_ONCE", 5)
    east = cast.network.parent
    made = [services.create_unit(code=f"n{number}", name="新", parent=cast.network, by=None) for number in range(4)]
    services.create_unit(code="deep", name="深", parent=made[0], by=None)
    return east, made


def codes(nodes):
    return [node.code for node in nodes]


def test_a_small_tree_is_drawn_whole(cast):
    assert "east-network" in codes(queries.unit_tree(visible_to=cast.admin))


def test_of_a_large_one_the_tops_and_the_way_to_the_unit_at_hand(cast, many):
    assert codes(queries.unit_tree(visible_to=cast.admin)) == ["head"]
    way = codes(queries.unit_tree(visible_to=cast.admin, current=cast.network))
    assert {"head", "east-branch", "west-branch", "east-network", "east-billing", "n0"} <= set(way)
    assert "deep" not in way


def test_branches_are_fetched_and_know_whether_there_is_more(cast, many, client_of):
    branch = {node.code: node.has_more for node in queries.unit_branch(cast.network, visible_to=cast.admin)}
    assert branch == {"n0": True, "n1": False, "n2": False, "n3": False}
    client = client_of(cast.admin)
    page = client.get("/units/").content.decode()
    assert "/units/head/branch/" in page
    fragment = client.get("/units/east-network/branch/").content.decode()
    assert "/units/n0/branch/" in fragment
    assert "<html" not in fragment
    assert client_of(cast.outsider).get("/units/east-network/branch/").status_code == 403


def test_the_tops_of_a_reader_are_the_highest_units_he_sees(cast, many, monkeypatch):
    monkeypatch.setattr(organisation, "DRAWN_AT_ONCE", 3)
    assert codes(queries.unit_tree(visible_to=cast.supervisor)) == ["east-branch"]


def test_regions_are_drawn_the_same_way(cast, monkeypatch, client_of):
    monkeypatch.setattr(organisation, "DRAWN_AT_ONCE", 2)
    assert codes(queries.region_tree()) == ["province"]
    assert set(codes(queries.region_tree(cast.east))) == {"province", "east", "west"}
    assert "/regions/east/" in client_of(cast.admin).get("/regions/province/branch/").content.decode()
