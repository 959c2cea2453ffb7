"""What requests cost is logged, counted for Prometheus, and kept where it was slow; a failing database says: try again."""

import json
import logging
from typing import Any

import pytest
from django.test import Client

from cast import Cast
from onepoint.config.logs import log_settings
from onepoint.core import measuring, metrics
from onepoint.core.models import SlowStatement

pytestmark = pytest.mark.django_db


def test_prometheus_reads_pages_and_figures_of_the_house(cast: Cast, client_of: Any, client: Client) -> None:
    client_of(cast.admin).get("/system/")
    answer = client.get("/metrics")
    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'onepoint_request_seconds_count{method="GET",page="house-condition",status="200"}' in text
    assert 'onepoint_jobs{state="todo"} 0.0' in text


def test_metrics_are_for_this_machine_or_who_has_the_token(client: Client, settings: Any) -> None:
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    settings.METRICS_TOKEN = "s3cret"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    told = client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"Authorization": "Bearer s3cret"})
    assert told.status_code == 200


def test_labels_are_names_of_pages_and_never_addresses(cast: Cast, client_of: Any) -> None:
    client_of(cast.agent).get("/tickets/TS20991231999999/")
    client_of(cast.agent).get("/no/such/13800000000/")
    text = metrics.latest().decode()
    assert "TS20991231999999" not in text
    assert "13800000000" not in text
    assert 'page="ticket-detail",status="404"' in text


def test_a_slow_statement_is_kept_with_its_page_and_without_values(cast: Cast, client_of: Any, settings: Any) -> None:
    settings.SLOW_STATEMENT_SECONDS = 0.0
    client_of(cast.agent).get("/tickets/?q=13812345678")
    client_of(cast.agent).get("/tickets/?q=13812345678")
    kept = list(SlowStatement.objects.filter(page="ticket-list"))
    assert kept
    assert max(row.times for row in kept) >= 2
    assert all(row.longest_seconds <= row.total_seconds for row in kept)
    assert not any("13812345678" in row.statement for row in kept)
    assert len(kept) <= 2 * measuring.MOST_A_REQUEST


def test_the_operator_sees_the_house_and_begins_anew(cast: Cast, client_of: Any, settings: Any) -> None:
    settings.SLOW_STATEMENT_SECONDS = 0.0
    client_of(cast.admin).get("/tickets/")
    settings.SLOW_STATEMENT_SECONDS = 99.0
    page = client_of(cast.admin).get("/system/").content.decode()
    assert "没有工作进程" in page
    assert "ticket-list" in client_of(cast.admin).get("/system/slow-statements/").content.decode()
    client_of(cast.admin).post("/system/slow-statements/forget/")
    assert not SlowStatement.objects.exists()


def test_nobody_else_sees_the_house(cast: Cast, client_of: Any) -> None:
    for person in (cast.agent, cast.supervisor, cast.outsider):
        assert client_of(person).get("/system/").status_code == 403
        assert client_of(person).post("/system/slow-statements/forget/").status_code == 403


def test_the_last_line_of_a_request_says_what_it_cost(
    cast: Cast, client_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client_of(cast.agent).get("/tickets/TS20991231999999/?token=geheim")
    (line,) = [record.msg for record in caplog.records if "request_finished" in str(record.msg)]
    assert isinstance(line, dict)
    assert (line["page"], line["number"], line["code"]) == ("ticket-detail", "TS20991231999999", 404)
    assert line["statements"] > 0
    assert line["request_id"]
    assert "geheim" not in str(line)


def test_logs_are_json_where_somebody_collects_them() -> None:
    formatter = log_settings("json", "INFO")["formatters"]["lines"]
    made = formatter.pop("()")(**formatter)
    try:
        raise ValueError("kaputt")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "工单 %s", ("TS1",), (ValueError, error, None))
    line = json.loads(made.format(record))
    assert line["event"] == "工单 TS1"
    assert line["level"] == "error"
    assert "kaputt" in line["exception"]
