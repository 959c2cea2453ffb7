"""What a log line tells when something failed: where, but not what the variables held."""

import io
import logging
import logging.config

import pytest

from onepoint.config.logs import log_settings


@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_traceback_does_not_show_what_the_variables_held(form: str) -> None:
    """They hold customers' data; and showing them took seconds, in which no page was served (reliability F1)."""
    settings = log_settings(form, "INFO")
    stream = io.StringIO()
    formatter = logging.config.DictConfigurator(settings).configure_formatter(settings["formatters"]["lines"])  # type: ignore[attr-defined]
    told = logging.StreamHandler(stream)
    told.setFormatter(formatter)
    log = logging.Logger("logs")
    log.addHandler(told)

    def fail(phone: str) -> None:
        raise LookupError

    try:
        fail("1380013" + "8000")
    except LookupError:
        log.exception("it failed")
    assert "LookupError" in stream.getvalue()
    assert "test_write_logs" in stream.getvalue()
    assert "13800138000" not in stream.getvalue()
