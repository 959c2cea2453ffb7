"""Drafts: each person's own, bounded, and gone after a while."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core import clock, drafts
from onepoint.core.errors import InvalidInput
from onepoint.core.models import Draft

VALUES = [["title", "网速慢", ""], ["category", "3", "宽带"]]


def place(name: str = "intake") -> str:
    return reverse("draft", args=[name])


def send(client, values: object, name: str = "intake"):
    return client.post(place(name), json.dumps({"values": values}), content_type="application/json")


def test_what_was_typed_comes_back_to_its_person_only(cast: Cast, client_of) -> None:
    client = client_of(cast.agent)
    assert client.get(place()).status_code == 204
    assert send(client, VALUES).status_code == 204
    assert client.get(place()).json()["values"] == VALUES
    assert client_of(cast.second_agent).get(place()).status_code == 204
    assert client_of(cast.second_agent).delete(place()).status_code == 204
    assert client.get(place()).json()["values"] == VALUES
    assert client.delete(place()).status_code == 204
    assert client.get(place()).status_code == 204


def test_the_later_version_takes_the_place_of_the_earlier(cast: Cast, client_of) -> None:
    client = client_of(cast.agent)
    send(client, VALUES)
    send(client, [["title", "网速很慢", ""]])
    assert Draft.objects.get().content == {"values": [["title", "网速很慢", ""]]}


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"values": 3}', '{"values": [["a"]]}', '{"values": [[1, 2, 3]]}', "[" * 5000]
)
def test_anything_else_is_refused(cast: Cast, client_of, body: str) -> None:
    answer = client_of(cast.agent).post(place(), body, content_type="application/json")
    assert answer.status_code == 400
    assert not Draft.objects.exists()


def test_too_much_or_an_odd_place_is_refused_and_odd_characters_are_left_out(cast: Cast, client_of) -> None:
    client = client_of(cast.agent)
    assert send(client, [["title", "长" * 80_000, ""]]).status_code in (400, 409, 422)
    assert send(client, VALUES, "A B").status_code in (302, 422)
    assert not Draft.objects.exists()
    assert send(client, [["title", "a\x00b\ud800c", ""]]).status_code == 204
    assert Draft.objects.get().content["values"][0][1] == "abc"


def test_old_drafts_and_more_than_a_hundred_go(cast: Cast) -> None:
    for number in range(drafts.MOST_PER_PERSON + 3):
        with clock.at(clock.now() - timedelta(minutes=200 - number)):
            drafts.save_draft(f"place:{number}", {}, by=cast.agent)
    assert Draft.objects.count() == drafts.MOST_PER_PERSON
    assert not Draft.objects.filter(place="place:0").exists()
    with clock.at(clock.now() + timedelta(days=15)):
        assert drafts.draft_at("place:50", by=cast.agent) is None
        assert drafts.forget_old_drafts() == drafts.MOST_PER_PERSON
    with pytest.raises(InvalidInput):
        drafts.save_draft("../etc", {}, by=cast.agent)
