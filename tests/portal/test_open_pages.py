"""The pages over HTTP: what a stranger, a customer and another customer get, and what hostile input gets."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import Cast
from onepoint.accounts.models import User
from onepoint.assignment import services as assignment
from onepoint.channels import services as channels
from onepoint.channels.chat_identity import customer_of
from onepoint.channels.models import Gateway
from onepoint.core import clock
from onepoint.core.models import Attachment, StagedFile
from onepoint.customers.models import Customer
from onepoint.portal import services
from onepoint.portal.models import Filing, FramingOrigin, OneTimeCode, PortalNote, PortalSession, PublicWording
from onepoint.tickets.models import Category, Ticket
from portal.conftest import MOBILE, STRANGERS, Browser, again, code_sent_to, filed, forget_limits

pytestmark = pytest.mark.django_db
ACTS = ("add", "remind", "withdraw", "rate", "reopen")


def form_of(about: Category, cast: Cast, **more: object) -> dict[str, object]:
    return {
        "key": str(uuid4()), "kind": "complaint", "category": about.pk, "text": "话费突然多了", "region": cast.east.pk,
        "place": "", "name": "李四", "address": STRANGERS, "reply_way": "sms", **more,
    }  # fmt: skip


# --- filing ------------------------------------------------------------------------------------------------------


def test_a_stranger_files_with_a_file_proves_the_number_and_follows(
    phone: Browser, cast: Cast, categories: dict[str, Category], complaint_process: None
) -> None:
    upload = SimpleUploadedFile("账单.txt", "二百元".encode())
    sent = phone.client.post("/portal/file/", form_of(categories["billing"], cast, files=[upload]))
    assert sent.status_code == 302
    assert sent.headers["Location"].startswith("/portal/code/")
    assert "139****9000" in phone.client.get(sent.headers["Location"]).content.decode()
    proved = phone.client.post(sent.headers["Location"], {"digits": code_sent_to(STRANGERS)})
    ticket = Ticket.objects.get()
    assert proved.headers["Location"] == f"/portal/filed/{ticket.number}/"
    cookie = proved.cookies["onepoint_portal"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/portal/")
    assert ticket.number in phone.client.get(proved.headers["Location"]).content.decode()
    page = phone.client.get(f"/portal/requests/{ticket.number}/").content.decode()
    assert "话费突然多了" in page
    assert "账单.txt" in page
    file = Attachment.objects.get(subject_type="ticket")
    answer = phone.client.get(f"/portal/requests/{ticket.number}/files/{file.pk}/")
    assert b"".join(answer.streaming_content) == "二百元".encode()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_refused_form_loses_nothing(phone: Browser, cast: Cast, categories: dict[str, Category]) -> None:
    upload = SimpleUploadedFile("账单.txt", "二百元".encode())
    form = form_of(categories["billing"], cast, address="12", files=[upload])
    refused = phone.client.post("/portal/file/", form)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "话费突然多了" in page
    assert "账单.txt" in page
    kept = StagedFile.objects.get()
    sent = phone.client.post("/portal/file/", form_of(categories["billing"], cast, kept=[str(kept.token)]))
    assert sent.status_code == 302
    assert Attachment.objects.get(subject_type="portal_filing").name == "账单.txt"
    assert not StagedFile.objects.exists()


def test_the_answer_goes_where_the_code_went(phone: Browser, cast: Cast, categories: dict[str, Category]) -> None:
    for more in ({"reply_way": "email"}, {"address": "li@example.com", "reply_way": "sms"}):
        assert phone.client.post("/portal/file/", form_of(categories["billing"], cast, **more)).status_code == 422
    assert not Filing.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "requirement"}, {"kind": "x' OR 1=1"}, {"category": "999999"}, {"category": "a"}, {"region": "0"},
        {"text": ""}, {"text": "x" * 5001}, {"key": "nonsense"}, {"address": "\x00"}, {"reply_way": "letter"},
        {"name": ""}, {"name": "x" * 81}, {"category": str(10**30)},
    ],
)  # fmt: skip
def test_what_no_form_gives_is_refused(
    phone: Browser, cast: Cast, categories: dict[str, Category], more: dict[str, str]
) -> None:
    assert phone.client.post("/portal/file/", form_of(categories["billing"], cast, **more)).status_code == 422
    assert not Filing.objects.exists()


def test_what_is_not_asked_for_is_not_taken(
    phone: Browser, cast: Cast, categories: dict[str, Category], complaint_process: None
) -> None:
    protected = {
        "customer": "1", "owner": str(cast.admin.pk), "severity": "1", "status": "closed", "audience": "R1", "number": "TS1",
        "created_by": "1", "channel": "hotline", "promised_reply_at": "2030-01-01", "region_id": str(cast.west.pk), "id": "1",
    }  # fmt: skip
    sent = phone.client.post("/portal/file/", form_of(categories["billing"], cast, **protected))
    phone.client.post(sent.headers["Location"], {"digits": code_sent_to(STRANGERS)})
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.owner, ticket.region, ticket.promised_reply_at) == ("web", None, cast.east, None)
    assert ticket.status == "open"


def test_hostile_text_is_shown_as_text(
    phone: Browser, cast: Cast, categories: dict[str, Category], complaint_process: None
) -> None:
    text = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 1337*1337 }}"
    sent = phone.client.post("/portal/file/", form_of(categories["billing"], cast, text=text, name="<b>x</b>"))
    opened = phone.client.post(sent.headers["Location"], {"digits": code_sent_to(STRANGERS)})
    number = Ticket.objects.get().number
    for url in (opened.headers["Location"], f"/portal/requests/{number}/", "/portal/"):
        page = phone.client.get(url)
        assert b"<script>alert" not in page.content
        assert b"<img src=x" not in page.content
        assert b"1787569" not in page.content
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]


# --- coming in ---------------------------------------------------------------------------------------------------


def test_a_known_and_an_unknown_number_get_the_same_answer(phone: Browser, customer: Customer) -> None:
    pages = []
    for address in (MOBILE, STRANGERS):
        forget_limits()
        asked = phone.client.post("/portal/enter/", {"address": address})
        page = phone.client.get(asked.headers["Location"]).content.decode()
        for part in (str(UUID(asked.headers["Location"].split("/")[3])), "138****8000", "139****9000"):
            page = page.replace(part, "")
        pages.append(page.split("<main")[1].split("csrfmiddlewaretoken")[0])
    assert pages[0] == pages[1]


def test_whoever_comes_for_a_request_lands_on_it_if_it_is_his(phone: Browser, ticket: Ticket) -> None:
    asked = phone.client.get(f"/portal/requests/{ticket.number}/")
    assert asked.headers["Location"] == f"/portal/enter/?number={ticket.number}"
    page = phone.client.get(asked.headers["Location"]).content.decode()
    assert f'value="{ticket.number}"' in page
    forget_limits()
    sent = phone.client.post("/portal/enter/", {"address": MOBILE, "number": ticket.number})
    opened = phone.client.post(sent.headers["Location"], {"digits": code_sent_to(MOBILE)})
    assert opened.headers["Location"] == f"/portal/requests/{ticket.number}/"
    stranger = Browser()
    forget_limits()
    sent = stranger.client.post("/portal/enter/", {"address": STRANGERS, "number": ticket.number})
    opened = stranger.client.post(sent.headers["Location"], {"digits": code_sent_to(STRANGERS)})
    assert opened.headers["Location"] == "/portal/"


def test_leaving_ends_the_session(phone: Browser, ticket: Ticket) -> None:
    phone.enter()
    secret = phone.client.cookies["onepoint_portal"].value
    assert phone.client.post("/portal/leave/").headers["Location"] == "/portal/"
    phone.client.cookies["onepoint_portal"] = secret
    assert phone.client.get(f"/portal/requests/{ticket.number}/").status_code == 302
    assert PortalSession.objects.get().ended_at


def test_coming_in_with_another_number_ends_the_session_before(phone: Browser, customer: Customer) -> None:
    phone.enter()
    phone.enter(STRANGERS)
    assert [session.ended_at is None for session in PortalSession.objects.order_by("pk")] == [False, True]


@pytest.mark.parametrize("secret", ["", "x", "\x00", "é", "0" * 5000])
def test_a_made_up_cookie_opens_nothing(phone: Browser, ticket: Ticket, secret: str) -> None:
    phone.client.cookies["onepoint_portal"] = secret
    assert phone.client.get(f"/portal/requests/{ticket.number}/").status_code == 302


def test_a_code_can_be_sent_again_but_not_at_once(phone: Browser, customer: Customer) -> None:
    asked = phone.client.post("/portal/enter/", {"address": MOBILE})
    at_once = phone.client.post(asked.headers["Location"], {"again": "1"})
    assert at_once.status_code == 422
    with clock.at(clock.now() + timedelta(minutes=2)):
        again_asked = phone.client.post(asked.headers["Location"], {"again": "1"})
    assert again_asked.status_code == 302
    assert OneTimeCode.objects.count() == 2


def test_where_no_code_can_be_sent_that_is_said(phone: Browser) -> None:
    for gateway in Gateway.objects.all():
        channels.switch_gateway(gateway, on=False, by=None)
    refused = phone.client.post("/portal/enter/", {"address": MOBILE})
    assert refused.status_code == 422
    assert "暂时无法用这种方式发送验证码" in refused.content.decode()


def test_a_code_that_is_over_says_so(phone: Browser) -> None:
    assert phone.client.get(f"/portal/code/{uuid4()}/").status_code == 410


def test_a_closed_portal_lets_nobody_do_anything(phone: Browser, ticket: Ticket, cast: Cast) -> None:
    phone.enter()
    services.change_rules(is_open=False, reopen_days=15, remind_hours=4, hotline="10000", by=cast.admin)
    for url in ("/portal/", "/portal/enter/", "/portal/file/", f"/portal/requests/{ticket.number}/", "/portal/embed/"):
        answer = phone.client.get(url)
        assert answer.status_code == 503
        assert "10000" in answer.content.decode()
    refused = phone.client.post(f"/portal/requests/{ticket.number}/withdraw/", {"key": str(uuid4())})
    assert refused.status_code == 503
    assert not again(ticket).is_finished


# --- somebody else's ---------------------------------------------------------------------------------------------


def test_somebody_else_s_request_is_not_there(phone: Browser, ticket: Ticket, cast: Cast) -> None:
    session = services_session_of_owner(ticket)
    services.add_words(ticket, text="", files=[SimpleUploadedFile("我的.txt", b"a")], key=uuid4(), by=session)
    file = Attachment.objects.get(name="我的.txt")
    phone.enter(STRANGERS)
    before = PortalNote.objects.count()
    made_up = "TS20990101000001"
    for number in (ticket.number, made_up, "x", "..", "%00", "%F0%9F%98%80", "x" * 300):
        for url in (f"/portal/requests/{number}/", f"/portal/requests/{number}/files/{file.pk}/"):
            assert phone.client.get(url).status_code == 404
        for act in ACTS:
            given = {"key": str(uuid4()), "text": "x", "stars": "1"}
            assert phone.client.post(f"/portal/requests/{number}/{act}/", given).status_code == 404
        assert phone.client.get(f"/portal/filed/{number}/").headers["Location"] == "/portal/"
    assert PortalNote.objects.count() == before
    assert ticket.number not in phone.client.get("/portal/").content.decode()


def services_session_of_owner(ticket: Ticket) -> PortalSession:
    now = clock.now()
    return PortalSession.objects.create(
        medium="sms", address=f"+86{MOBILE}", digest=uuid4().hex, customer=ticket.customer, began_at=now, seen_at=now,
        expires_at=now + timedelta(hours=1),
    )  # fmt: skip


def test_a_file_of_one_request_is_not_handed_out_through_another(
    phone: Browser, register: Callable[..., Ticket], ticket: Ticket, customer: Customer
) -> None:
    session = services_session_of_owner(ticket)
    other = register(customer=customer, title="另一件")
    services.add_words(other, text="", files=[SimpleUploadedFile("另.txt", b"a")], key=uuid4(), by=session)
    file = Attachment.objects.get(name="另.txt")
    phone.enter()
    assert phone.client.get(f"/portal/requests/{other.number}/files/{file.pk}/").status_code == 200
    assert phone.client.get(f"/portal/requests/{ticket.number}/files/{file.pk}/").status_code == 404
    assert phone.client.get(f"/portal/requests/{ticket.number}/files/{10**17}/").status_code == 404


def test_staff_who_are_logged_in_are_no_customers(
    client_of: Callable[[User], Client], cast: Cast, ticket: Ticket
) -> None:
    assert client_of(cast.admin).get(f"/portal/requests/{ticket.number}/").status_code == 302


def test_a_session_of_a_customer_opens_nothing_of_the_house(phone: Browser, ticket: Ticket) -> None:
    phone.enter()
    for url in (ticket.get_absolute_url(), "/", "/portal-settings/", "/api/v1/tickets"):
        assert phone.client.get(url).status_code in (302, 401)


def test_every_write_needs_the_token_of_the_page(ticket: Ticket, gateways: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    urls = ["/portal/enter/", "/portal/file/", "/portal/leave/", f"/portal/code/{uuid4()}/"]
    urls += [f"/portal/requests/{ticket.number}/{act}/" for act in ACTS]
    for url in urls:
        assert strict.post(url, {"address": MOBILE, "key": str(uuid4())}).status_code == 403


def test_pages_are_kept_by_no_cache(phone: Browser, ticket: Ticket) -> None:
    phone.enter()
    for url in ("/portal/", "/portal/file/", f"/portal/requests/{ticket.number}/"):
        assert "no-store" in phone.client.get(url).headers["Cache-Control"]


# --- doing -------------------------------------------------------------------------------------------------------


def test_the_forms_of_the_page_do_what_they_say(
    phone: Browser, ticket: Ticket, close: Callable[[Ticket], Ticket]
) -> None:
    phone.enter()
    url = f"/portal/requests/{ticket.number}/"

    def send(act: str, **more: str) -> int:
        return phone.client.post(f"{url}{act}/", {"key": str(uuid4()), **more}).status_code

    assert (send("add", text="还有"), send("remind"), send("remind")) == (302, 302, 422)
    assert "再次催办" in phone.client.get(url).content.decode()
    assert send("rate", stars="5") == 422
    close(ticket)
    page = phone.client.get(url).content.decode()
    assert "非常满意" in page
    assert "问题没有解决" in page
    assert (send("rate", stars="6"), send("rate", stars="4", text="可以"), send("rate", stars="1")) == (422, 302, 422)
    assert "4 星" in phone.client.get(url).content.decode()
    assert (send("reopen"), send("reopen", text="又多扣了")) == (422, 302)
    assert again(ticket).reopen_count == 1
    assert send("withdraw") == 302
    assert again(ticket).status == "withdrawn"


def test_a_list_of_many_requests_costs_as_much_as_one_of_few(
    phone: Browser,
    register: Callable[..., Ticket],
    customer: Customer,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    register(customer=customer)
    phone.enter()
    phone.client.get("/portal/")
    with django_assert_num_queries(QUERIES_OF_LIST):
        phone.client.get("/portal/")
    for _more in range(5):
        register(customer=customer)
    with django_assert_num_queries(QUERIES_OF_LIST):
        page = phone.client.get("/portal/").content.decode()
    assert page.count("public__list-head") == 6


QUERIES_OF_LIST = 9


def test_the_page_of_a_request_has_a_steady_cost(
    phone: Browser, ticket: Ticket, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    phone.enter()
    for number in range(5):
        session = services_session_of_owner(ticket)
        services.add_words(ticket, text=f"第 {number} 次", key=uuid4(), by=session)
    with django_assert_max_num_queries(12):
        assert "第 4 次" in phone.client.get(f"/portal/requests/{ticket.number}/").content.decode()


# --- in a frame --------------------------------------------------------------------------------------------------


def test_only_listed_web_sites_frame_the_form(phone: Browser, cast: Cast) -> None:
    services.add_origin(origin="https://www.example.com/", name="官网", by=cast.admin)
    stopped = services.add_origin(origin="https://old.example.com", name="旧站", by=cast.admin)
    services.change_origin(stopped, is_active=False, by=cast.admin)
    framed = phone.client.get("/portal/embed/")
    assert "frame-ancestors 'self' https://www.example.com" in framed.headers["Content-Security-Policy"]
    assert "old.example.com" not in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    for url in ("/portal/", "/portal/file/", "/portal/enter/"):
        answer = phone.client.get(url)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_request_is_filed_in_a_frame_without_any_cookie(
    gateways: None, cast: Cast, categories: dict[str, Category], complaint_process: None
) -> None:
    def fresh() -> Client:
        return Client(enforce_csrf_checks=True)

    sent = fresh().post("/portal/embed/?language=en", form_of(categories["billing"], cast))
    assert sent.headers["Location"].startswith("/portal/embed/code/")
    assert "language=en" in sent.headers["Location"]
    assert b"Enter the code" in fresh().get(sent.headers["Location"]).content
    filed_page = fresh().post(sent.headers["Location"], {"digits": code_sent_to(STRANGERS)})
    assert Ticket.objects.get().number.encode() in filed_page.content
    assert "onepoint_portal" not in filed_page.cookies
    assert not PortalSession.objects.exists()


def test_a_frame_never_acts_for_the_session_of_the_portal(
    phone: Browser, cast: Cast, categories: dict[str, Category], customer: Customer
) -> None:
    phone.enter()
    sent = phone.client.post("/portal/embed/", form_of(categories["billing"], cast, address=MOBILE))
    assert sent.headers["Location"].startswith("/portal/embed/code/")
    assert not Ticket.objects.exists()


# --- screens of the house ----------------------------------------------------------------------------------------


def test_the_administrator_sets_rules_words_and_web_sites(client_of: Callable[[User], Client], cast: Cast) -> None:
    client = client_of(cast.admin)
    assert client.get("/portal-settings/").status_code == 200
    rules = {"is_open": "on", "reopen_days": "7", "remind_hours": "2", "hotline": "10000"}
    assert client.post("/portal-settings/rules/", rules).status_code == 302
    assert client.post("/portal-settings/rules/", {**rules, "remind_hours": "0"}).status_code == 422
    site = {"origin": "https://www.example.com", "name": "官网"}
    assert client.post("/portal-settings/web-sites/add/", site).status_code == 302
    assert client.post("/portal-settings/web-sites/add/", site).status_code == 422
    origin = FramingOrigin.objects.get()
    assert client.post(f"/portal-settings/web-sites/{origin.pk}/use/", {"use": "no"}).status_code == 302
    origin.refresh_from_db()
    assert not origin.is_active
    assert "iframe" in client.get("/portal-settings/").content.decode()


@pytest.mark.parametrize(
    "origin",
    [
        "", "example.com", "javascript:alert(1)", "https://*", "https://*.example.com", "https://a b", "https://a;script-src *",
        "https://user@example.com", "https://example.com/path", "https://example.com?x", "data:text/html,x", "https://",
        "https://example.com:99999", "'none'", "https://a,b", "https://example.com\nx",
    ],
)  # fmt: skip
def test_nothing_but_an_origin_is_listed(client_of: Callable[[User], Client], cast: Cast, origin: str) -> None:
    answer = client_of(cast.admin).post("/portal-settings/web-sites/add/", {"origin": origin, "name": "x"})
    assert answer.status_code == 422
    assert not FramingOrigin.objects.exists()


def test_words_are_written_changed_and_taken_back(
    client_of: Callable[[User], Client], cast: Cast, complaint_process: None
) -> None:
    client = client_of(cast.admin)
    page = client.get("/portal-settings/words/new/?process_key=complaint").content.decode()
    assert 'value="step:coordinate"' in page
    step = {
        "process_key": "complaint",
        "place": "step:coordinate",
        "stage": "working",
        "words": "在看",
        "words_en": "Looking",
    }
    assert client.post("/portal-settings/words/new/", step).status_code == 302
    assert client.post("/portal-settings/words/new/", step).status_code == 422
    wording = PublicWording.objects.get()
    assert "在看" in client.get("/portal-settings/words/").content.decode()
    changed = {"stage": "", "words": "正在看", "words_en": "Looking at it"}
    assert client.post(f"/portal-settings/words/{wording.pk}/change/", changed).status_code == 302
    wording.refresh_from_db()
    assert (wording.words, wording.stage, wording.node_id) == ("正在看", "", "coordinate")
    assert client.post(f"/portal-settings/words/{wording.pk}/remove/").status_code == 302
    assert not PublicWording.objects.exists()


@pytest.mark.parametrize("person", ["agent", "coordinator", "supervisor", "outsider"])
def test_nobody_else_changes_the_portal(client_of: Callable[[User], Client], cast: Cast, person: str) -> None:
    client = client_of(getattr(cast, person))
    for url in ("/portal-settings/", "/portal-settings/words/", "/portal-settings/words/new/"):
        assert client.get(url).status_code == 403
    for url in ("/portal-settings/rules/", "/portal-settings/web-sites/add/"):
        assert (
            client.post(
                url, {"origin": "https://a.example", "name": "x"}, headers={"accept": "application/json"}
            ).status_code
            == 403
        )
    assert not FramingOrigin.objects.exists()


def test_the_login_page_shows_customers_the_way() -> None:
    assert b'href="/portal/"' in Client().get("/accounts/login/").content


def test_a_request_by_somebody_without_an_account_is_followed_with_its_number(
    phone: Browser, cast: Cast, categories: dict[str, Category], complaint_process: None
) -> None:
    _session, ticket = filed(categories["billing"], cast)
    phone.enter(STRANGERS, number=ticket.number)
    assert phone.client.get(f"/portal/requests/{ticket.number}/").status_code == 200


# --- to the chat ---------------------------------------------------------------------------------------------------


def test_from_the_portal_one_begins_a_chat_as_the_known_customer(
    phone: Browser, customer: Customer, ticket: Ticket
) -> None:
    phone.enter()
    where = urlsplit(phone.client.get(f"/portal/chat/?about={ticket.number}").headers["Location"])
    asked = parse_qs(where.query)
    assert (where.path, asked["about"]) == ("/chat/", [ticket.number])
    assert customer_of(asked["id"][0]) == customer
    foreign = phone.client.get("/portal/chat/?about=TS20200101000001").headers["Location"]
    assert "about" not in parse_qs(urlsplit(foreign).query)


def test_the_way_to_the_chat_is_offered_where_there_is_one(
    phone: Browser, customer: Customer, ticket: Ticket, cast: Cast
) -> None:
    phone.enter()
    assert "/portal/chat/" not in phone.client.get("/portal/").content.decode()
    assignment.create_queue(code="general", name="一般咨询", units=[cast.call_centre], by=None)
    for address in ("/portal/", f"/portal/requests/{ticket.number}/"):
        assert "/portal/chat/" in phone.client.get(address).content.decode()


def test_whoever_has_proved_nothing_enters_first(client: Client) -> None:
    assert client.get("/portal/chat/").headers["Location"] == "/portal/enter/"
