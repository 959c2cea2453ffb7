"""The label of a request may be anything: the answer is an answer."""

from typing import Any

import pytest
from django.test import RequestFactory

from onepoint.config.wsgi import application
from onepoint.core.labelled_bodies import LabelledRequest

LABELS = [
    *(f"{kind}; charset={name}" for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json", "text/plain")
      for name in ("hex", "zip", "rot13", "base64", "undefined", "idna", "punycode", "utf-7", "utf-16", "nobody", "\xff", '"', "unicode_escape")),
    "text/plain; a*=nobody''%41", "text/plain; a*=undefined''%41", "text/plain; a*=hex''%41", "text/plain; a*0*=x''a; a*999999999=b", "; ; ;", "multipart/form-data; boundary*=idna''x",
    "multipart/form-data; " + "a=b;" * 5000, "\r\n", "text/plain; charset*=punycode''" + "%41" * 5000,
]  # fmt: skip


def status(environ: dict[str, Any]) -> int:
    answered: list[str] = []
    application(environ, lambda line, _headers: answered.append(line))
    return int(answered[0].partition(" ")[0])


@pytest.mark.django_db
@pytest.mark.parametrize("label", LABELS)
def test_no_label_is_a_failure(label: str) -> None:
    for method, path in (
        ("GET", "/accounts/login/?next=/tickets/%FF"),
        ("POST", "/accounts/login/"),
        ("POST", "/portal/enter/?a=b"),
        ("POST", "/api/v1/tickets?a=b"),
    ):
        environ = RequestFactory().generic(
            method,
            path,
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
            content_type="text/plain",
        )
        assert status({**environ.environ, "CONTENT_TYPE": label}) < 500, (method, path)


def test_a_character_set_people_use_is_kept() -> None:
    environ = RequestFactory().post("/", content_type="text/plain; charset=GBK").environ
    assert LabelledRequest(environ).encoding == "GBK"
    assert LabelledRequest({**environ, "CONTENT_TYPE": "text/plain; charset=hex"}).encoding is None
