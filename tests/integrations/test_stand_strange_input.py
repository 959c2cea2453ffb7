"""Requests made up from the API's own description: whatever is sent, the answer is one that was described."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conftest import Cast

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
AUTHORIZATION = "authorization"


@pytest.fixture
def api_schema(cast: Cast, api_of: Callable[..., Client]) -> Any:
    key = str(api_of(cast.admin).defaults["HTTP_AUTHORIZATION"])
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler(), headers={AUTHORIZATION: key})
    schema.config.update(headers={AUTHORIZATION: key})
    return schema


schema = schemathesis.pytest.from_fixture("api_schema")


@schema.parametrize()
@settings(
    max_examples=8, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
def test_whatever_is_sent_the_answer_is_one_that_was_described(case: Any) -> None:
    case.call_and_validate(checks=CHECKS)
