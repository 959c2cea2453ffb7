"""Requests made up from the API's own description: whatever is sent, the answer is one that was described."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cast import Cast

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
AUTHORIZATION = "authorization"


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The handler leaves the connection alone: the rows of the test are in its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api_schema(cast: Cast, api_of: Callable[..., Client], one_connection: None) -> Any:
    key = str(api_of(cast.admin).defaults["HTTP_AUTHORIZATION"])
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler(), headers={AUTHORIZATION: key})
    schema.config.update(headers={AUTHORIZATION: key})
    return schema


def test_whatever_is_sent_the_answer_is_one_that_was_described(api_schema: Any) -> None:
    tried = 0
    for result in api_schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=6, deadline=None, derandomize=True, database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        send()
        tried += 1
    assert tried > 25
