"""Hostile parameters, bodies, headers and redirects at every address and every operation: refused, never a failure.

Generated from the same tables as the walks, so that a new page or operation is tried without anybody thinking of it.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from access.addresses import ADDRESSES
from access.house import House
from access.test_walk_every_address import visits
from access.test_walk_every_operation import OPERATIONS, UPLOAD, paths
from cast import PASSWORD, Cast
from onepoint.customers.models import Customer
from onepoint.tickets.models import Ticket

#: What no answer shows: where the house lies, how it is made, what it asked the database.
INNER = re.compile(r"Traceback|psycopg|site-packages|/src/onepoint|SELECT .{1,80} FROM|django\.[a-z]+\.|\bDETAIL:")

HOSTILE_VALUES = (
    "' OR '1'='1", "1); DROP TABLE tickets_ticket; --", "id; SELECT pg_sleep(9)", "password", "created_by__password",
    "-user__password", "?", "*", "(SELECT 1)", "%00", "\x00", "\ud83d", "9" * 400, "-1", "1e308", "NaN", "0x7fffffff",
    "2026-02-30", "0000-00-00", "99999-01-01", "../../../../etc/passwd", "{{7*7}}", "${7*7}", "%s%s%n", "\r\nSet-Cookie: a=b",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "\u202egpj.exe", "A" * 20_000,
    "[]", "{}", "null", "true", "\\", "'", "\"", "`", "%", "_", "ﬀ", "İ", "🏳️‍🌈", "田中さんにあげて", "1;", "--", "/*", "a' || pg_sleep(1) || '",
)  # fmt: skip
#: Parameters any list may know, whatever its page shows.
PARAMETERS = "sort page size q text filter kind state status unit region since until person verb columns part".split()
DAYS = re.compile(r"<input(?=[^>]* type=\"date\")[^>]* name=\"([\w-]{1,40})\"")
NAMES = re.compile(r"<(?:input|select|textarea)[^>]* name=\"([\w-]{1,40})\"")


def pages(house: House) -> Iterator[tuple[str, str]]:
    for name, entry in ADDRESSES.items():
        _side, arguments = next(visits(house, entry))
        yield name, reverse(name, args=arguments)


def ask(client: Client, url: str, query: dict[str, str]) -> Any:
    with transaction.atomic():
        answer = client.get(url, query)
        transaction.set_rollback(True)
    return answer


def faults_of(answer: Any, shown: str) -> Iterator[str]:
    text = "" if answer.streaming else answer.content.decode(errors="replace")
    if answer.status_code >= 500:
        yield f"{shown}: {answer.status_code}"
    if answer.status_code >= 400 and (inner := INNER.search(text)):
        yield f"{shown} shows {inner[0]!r}"


def test_no_list_or_page_fails_or_tells_about_itself_whatever_its_parameters_hold(
    house: House, client_of: Callable[..., Client]
) -> None:
    client = client_of(house.cast.admin)
    client.raise_request_exception = False
    faults: list[str] = []
    tried = 0
    for turn, (name, url) in enumerate(pages(house)):
        opened = ask(client, url, {})
        if opened.status_code != 200 or opened.streaming:
            continue
        known = dict.fromkeys([*PARAMETERS, *NAMES.findall(opened.content.decode(errors="replace"))])
        silence = {key: "a\x00b" for key in known}  # no text of the database holds it, so each page must leave it out
        faults += faults_of(ask(client, url, silence), f"{name} with NUL")
        days = DAYS.findall(opened.content.decode(errors="replace"))
        for day in ("0001-01-01", "9999-12-31") if days else ():
            faults += faults_of(ask(client, url, dict.fromkeys(days, day)), f"{name} on {day}")
        for round_ in range(1 + turn % 2):
            values = {
                key: HOSTILE_VALUES[(turn * 7 + place * 3 + round_ * 17) % len(HOSTILE_VALUES)]
                for place, key in enumerate(known)
            }
            values["csrfmiddlewaretoken"] = "x"
            answer = ask(client, url, {key: value.encode("utf-8", "replace").decode() for key, value in values.items()})
            faults += faults_of(answer, f"{name} round {round_}")
            tried += 1
    assert faults == []
    assert tried > 60


def test_a_list_is_sorted_by_what_it_offers_and_by_nothing_else(house: House, client_of: Callable[..., Client]) -> None:
    client = client_of(house.cast.admin)
    for value in HOSTILE_VALUES:
        sent = {"filter": "", "sort": value.encode("utf-8", "replace").decode()}
        assert client.get("/tickets/", sent).status_code == 200, value


HOSTILE_BODIES = (
    b"", b" ", b"{", b"}", b"[", b"nul", b"'a'", b"{'a':1}", b'{"a":1,}', b'{"a" 1}', b'{"a":1}{"b":2}', b'{"a":1} x',
    b'// no\n{"a":1}', b"[" * 100_000, b'{"a":' * 50_000, b"[" * 500 + b"]" * 500, b"NaN", b'{"title": NaN}', b'{"title": Infinity}',
    b'{"title": -Infinity}', b'{"title": 1e9999}', b'{"title": ' + b"9" * 5000 + b"}", b'{"title": "\\ud800"}', b'{"title": "\\u0000"}',
    b'{"title": "\xff\xfe"}', b'\xef\xbb\xbf{"title": "a"}', '{"title": "a"}'.encode("utf-16"), b'{"title": "a\x00b"}',
    b'{"title": "a\nb"}', b'{"title": "\\x41"}', b'{"title": {"$ne": null}}', b'{"title": [[[[[[]]]]]]}', b'{"title": 1, "title": 2}',
    b'{"__proto__": {"a": 1}, "constructor": {}}', b"null", b"true", b"0", b'"text"', b"[]", b"[1,2,3]", b"{}",
    b'{"number": null, "version": "1", "title": null}', b'{"title": "' + b"A" * 300_000 + b'"}',
    b"{" + b",".join(b'"k%d":1' % number for number in range(20_000)) + b"}",
)  # fmt: skip


def writes(house: House) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for name, entry in OPERATIONS.items():
        method = name.partition(" ")[0]
        if method != "GET" and entry.body is not UPLOAD:
            _side, path = next(paths(house, name, entry))
            yield name, method, path, entry.body


def send(client: Client, method: str, path: str, body: bytes, kind: str = "application/json") -> Any:
    headers = {"If-Match": '"1"'} if method == "PATCH" else {}
    with transaction.atomic():
        answer = client.generic(method, path, body, content_type=kind, headers=headers)
        transaction.set_rollback(True)
    return answer


def test_no_operation_fails_whatever_its_body_is(house: House, api_of: Callable[..., Client]) -> None:
    client = api_of(house.cast.admin)
    faults: list[str] = []
    for turn, (name, method, path, expected) in enumerate(writes(house)):
        for body in HOSTILE_BODIES[turn % 3 :: 3]:  # each is tried at every third operation
            answer = send(client, method, path, body)
            faults += faults_of(answer, f"{name} {body[:30]!r}")
            if expected and (b"NaN" in body or b"Infinity" in body):
                faults += [f"{name} took {body!r}"] if answer.status_code < 400 else []
        for kind in ("text/plain", "application/xml", "multipart/form-data", "application/json; charset=utf-7", ""):
            faults += faults_of(send(client, method, path, b'{"title": "a"}', kind), f"{name} as {kind!r}")
    assert faults == []


def test_a_body_of_twenty_megabytes_is_refused(cast: Cast, api_of: Callable[..., Client]) -> None:
    client = api_of(cast.agent)
    answer = send(client, "POST", "/api/v1/tickets", b'{"title": "' + b"A" * 20_000_000 + b'"}')
    assert 400 <= answer.status_code < 500


#: What nobody sets from outside, by the names our own rows and those of others have for it.
PROTECTED = (
    "id pk uuid number created_at created_by created_by_id updated_at opened_at closed_at due_at status state audience version "
    "search_keys region_id unit_id owner_id assignee assignee_id process_instance_id parent_id merged_into merged_into_id "
    "is_active is_staff is_superuser is_admin role roles permissions groups password last_login must_change_password scope "
    "actor_id actor_name reopen_count severity_floor sealed_secrets key secret tenant"
).split()


def facts(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize(
    ("path", "model", "change", "follows"),
    [
        ("tickets", Ticket, {"title": "新标题"}, {"title", "version", "search_keys"}),
        ("customers", Customer, {"note": "新备注"}, {"note", "version", "is_compared"}),
    ],
)
def test_protected_columns_stay_as_they_are(
    house: House, api_of: Callable[..., Client], path: str, model: Any, change: dict[str, str], follows: set[str]
) -> None:
    row = {"tickets": house.east.ticket, "customers": house.east.customer}[path]
    before = facts(model.objects.get(pk=row.pk))
    client = api_of(house.cast.agent)
    for key in PROTECTED:
        for value in (1, "1", True, None, ["1"], {"a": 1}):
            answer = client.generic(
                "PATCH", f"/api/v1/{path}/{row.number}", json.dumps({key: value}),
                content_type="application/json", headers={"If-Match": f'"{before["version"]}"'},
            )  # fmt: skip
            assert answer.status_code < 500, (key, value)
    after = facts(model.objects.get(pk=row.pk))
    assert {name for name in before if before[name] != after[name]} <= {"version"}
    answer = client.generic(
        "PATCH", f"/api/v1/{path}/{row.number}", json.dumps(change | dict.fromkeys(PROTECTED, "1")),
        content_type="application/json", headers={"If-Match": f'"{after["version"]}"'},
    )  # fmt: skip
    assert answer.status_code < 500
    last = facts(model.objects.get(pk=row.pk))
    assert {name for name in after if after[name] != last[name]} <= follows


def filled_in(page: Any) -> dict[str, Any]:
    """What the page's own form would send as it stands; nothing where it has none."""
    form = page.context.get("form") if page.context else None
    values = {field.html_name: field.value() for field in form} if form is not None else {}
    return {name: value for name, value in values.items() if value not in (None, "", False)}


def test_no_form_takes_a_protected_column(house: House, client_of: Callable[..., Client]) -> None:
    """Every form, as it stands and with names it does not have: nothing of what these say is in a row afterwards."""
    sent = dict.fromkeys(PROTECTED, "777001")
    rows = [house.east.ticket, house.east.customer, house.cast.agent, house.cast.admin, house.cast.outsider]
    faults: list[str] = []
    taken = 0
    for person in (house.cast.admin, house.cast.agent):
        client = client_of(person)
        client.raise_request_exception = False
        for name, url in pages(house):
            if not re.search(r"change|create|edit|correct|settings|policy|intake$|profile", name):
                continue
            page = ask(client, url, {})
            values = filled_in(page) if page.status_code == 200 and not page.streaming else {}
            if not values:
                continue
            with transaction.atomic():
                answer = client.post(url, {**sent, **values})
                taken += answer.status_code == 302
                faults += faults_of(answer, name)
                for row in rows:
                    now = facts(type(row).objects.get(pk=row.pk))
                    faults += [f"{name}: {key}" for key, value in now.items() if "777001" in str(value)]
                transaction.set_rollback(True)
    assert faults == []
    assert taken > 10


SPOOFED = {
    "Remote-User": "admin", "X-Remote-User": "admin", "X-Forwarded-User": "admin", "X-User": "admin", "X-Auth-User": "admin",
    "X-Original-URL": "/people/", "X-Rewrite-URL": "/people/", "X-HTTP-Method-Override": "DELETE", "Forwarded": "for=127.0.0.1;host=evil.example",
    "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "X-Forwarded-Proto": "https",
    "Client-Cert": "admin", "X-SSL-Client-S-DN": "CN=admin",
}  # fmt: skip


def test_nobody_is_let_in_by_a_header(cast: Cast) -> None:
    stranger = Client(headers=SPOOFED)
    for path in ("/", "/people/", "/tickets/", "/audit/", "/login-policy/"):
        answer = stranger.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/accounts/login/"), path
    assert stranger.get("/api/v1/tickets").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
        "http:///evil.example", "javascript:alert(1)", "data:text/html,x", "/%0d%0aSet-Cookie:a=b", "\r\nSet-Cookie: a=b", "/\r\nX: y",
        "//evil.example@127.0.0.1/", "https://testserver@evil.example/", "https://testserver.evil.example/", "\t//evil.example",
        "/\t/evil.example", "ftp://evil.example", "HTTPS://EVIL.EXAMPLE", "//[::1]/", "%2f%2fevil.example",
    ],
)  # fmt: skip
def test_no_redirect_leads_out_of_the_house(cast: Cast, target: str) -> None:
    person = cast.agent
    person.set_password(PASSWORD)
    person.save()
    for client, path, sent in (
        (Client(), "/accounts/login/", {"login": person.username, "password": PASSWORD, "next": target}),
        (Client(), "/language/", {"language": "en", "next": target}),
    ):
        answer = client.post(path, sent)
        where = answer.headers.get("Location", "/")
        assert re.match(r"/(?![/\\])", where) or where == "%2f%2fevil.example", where
        assert "evil" not in where.partition("?")[0].lower() or where.startswith("/%") or where == "%2f%2fevil.example"
        assert "Set-Cookie: a" not in str(answer.headers)


@pytest.mark.parametrize(
    "word", ["１２", "[]", "null", "a b", "ticket-list", "a\0b", "{x}", "%", "https:", "?", "#", "x" * 5000]
)
def test_a_word_is_no_way_back(cast: Cast, client_of: Callable[..., Client], word: str) -> None:
    client = client_of(cast.admin)
    for path, sent in (
        ("/language/", {"language": "en"}), ("/messages/availability/", {"state": "online"}), ("/outbox/dead/act/", {}),
        ("/accounts/login/", {}),
    ):  # fmt: skip
        answer = client.post(path, {**sent, "next": word})
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/"), path
    referred = client.post(
        "/messages/availability/", {"state": "?"}, headers={"Referer": word.encode().decode("latin-1")}
    )
    assert referred.status_code < 500


def test_a_strange_host_is_refused(cast: Cast, client_of: Callable[..., Client]) -> None:
    client = client_of(cast.agent)
    client.raise_request_exception = False
    for host in ("evil.example", "testserver:80@evil.example", "testserver/evil", "[::1", "a b"):
        assert client.get("/profile/", headers={"Host": host}).status_code == 400, host


def test_every_page_that_writes_wants_the_token(house: House, client_of: Callable[..., Client]) -> None:
    client = client_of(house.cast.admin)
    client.handler.enforce_csrf_checks = True
    client.raise_request_exception = False
    missing = []
    for name, url in pages(house):
        with transaction.atomic():
            answer = client.post(url, {})
            transaction.set_rollback(True)
        if answer.status_code not in (403, 405):
            missing.append(f"{name}: {answer.status_code}")
    assert missing == []


def test_a_cookie_alone_does_not_open_the_api_and_no_other_site_may_ask(
    cast: Cast, client_of: Callable[..., Client]
) -> None:
    client = client_of(cast.admin)
    answer = client.get("/api/v1/tickets", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 401
    asked = client.options("/api/v1/tickets", headers={"Origin": "https://evil.example"})
    for reply in (answer, asked):
        assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize(
    "token",
    ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", "x" * 5000, "", "\u202e", "op_", "Bearer Bearer", "../../key"],
)
def test_tokens_made_up_open_nothing(db: None, token: str) -> None:
    client = Client(raise_request_exception=False)
    sent = token.encode("utf-8").decode("latin-1")
    assert client.get("/api/v1/tickets", headers={"Authorization": f"Bearer {sent}"}).status_code == 401
    assert client.get(f"/api/v1/tickets?token={token}&access_token={token}").status_code == 401


@pytest.mark.parametrize("digits", ["9" * 5000, "²", "٣", "９", "-1", "1_0", "9" * 18, " 1"])
def test_what_looks_like_a_number_is_no_failure(house: House, client_of: Callable[..., Client], digits: str) -> None:
    client = client_of(house.cast.coordinator)
    client.raise_request_exception = False
    task = f"/tickets/{house.east.ticket.number}/tasks/{house.east.task.pk}"
    sent = {"to": digits, "people": digits, "to_visit": digits, "reason": "x", "place": digits}
    for verb in ("delegate", "copy", "reassign", "send-back", "signers"):
        assert client.post(f"{task}/{verb}/", sent).status_code < 500, verb
    client = client_of(house.cast.admin)
    client.raise_request_exception = False
    for address in (f"/measures/?days={digits}", f"/measures/table/?unit={digits}&category={digits}"):
        assert client.get(address).status_code < 500, address
