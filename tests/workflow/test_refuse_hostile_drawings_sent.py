"""What the designer's pages post as JSON, made up by somebody who means harm: refused in a sentence."""

from collections.abc import Callable

import pytest
from django.test import Client

from cast import Cast
from onepoint.accounts.models import User
from onepoint.workflow import services

BODIES = (
    b"", b"[" * 100_000, b'{"bpmn": ' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"facts": ' + b'{"a": ' * 2000 + b"1" + b"}" * 2000 + b"}",
    b"9" * 5000, b"null", b"[]", b'{"bpmn": 1}', b'{"bpmn": "\\u0000"}', b'{"bpmn": "\\ud800"}', b'{"bpmn": "<a/>"}', '{"bpmn": "a"}'.encode("utf-16"),
)  # fmt: skip


@pytest.fixture
def client(cast: Cast, client_of: Callable[[User], Client]) -> Client:
    services.create_process(key="leave", name="请假", name_en="Leave", template="two_steps", by=cast.admin)
    services.create_decision(key="level", name="级别", name_en="Level", by=cast.admin)
    return client_of(cast.admin)


@pytest.mark.parametrize(
    "path",
    [
        *(f"/processes/leave/design/{verb}/" for verb in ("save", "check", "try", "publish")), "/processes/expression/", "/decisions/level/save/",
    ],
)  # fmt: skip
def test_no_body_makes_a_door_fail(client: Client, path: str) -> None:
    for body in BODIES:
        answer = client.post(path, body, content_type="application/json", headers={"Accept": "application/json"})
        assert answer.status_code < 500, body[:30]


def test_facts_of_a_ticket_with_half_a_letter_in_its_number(client: Client) -> None:
    body = b'{"number": "\\ud800"}'
    answer = client.post("/processes/leave/design/try/", body, content_type="application/json")
    assert answer.status_code < 500
