"""E-mails full of tricks are opened in a real browser: nothing runs, nothing is fetched from elsewhere (reliability X1, X9)."""

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.channels.models import Mailbox
from onepoint.channels.services import mailboxes
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    files_of_this_test,
    severities,
)
from tickets.mails import arrive

pytestmark = pytest.mark.django_db(transaction=True)

TRICKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><set attributeName=href to=javascript:alert(1) /><a><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='http://evil.example/x.swf'>",
    "<link rel=stylesheet href='http://evil.example/x.css'>",
    "<style>@import 'http://evil.example/y.css'; body{background:url(http://evil.example/z.png)}</style>",
    "<div style=\"background:url('http://evil.example/b.png')\">b</div>",
    "<img src='http://evil.example/pixel.png' srcset='http://evil.example/2x.png 2x'>",
    "<video src='http://evil.example/v.mp4' autoplay><source src='http://evil.example/v.webm'></video>",
    "<form action='http://evil.example/'><input name=q autofocus onfocus=alert(1)><button>go</button></form>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<base href='http://evil.example/'><a href=x>x</a>",
    "<details open ontoggle=alert(1)>x</details>",
    "<a href='java&#09;script:alert(1)' id=trap>click</a>",
    "<a href='\u00a0javascript:alert(1)'>click</a>",
    "<body onload=alert(1)><marquee onstart=alert(1)>x</marquee>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp>",
    "<p>{{ constructor.constructor('alert(1)')() }} ${alert(1)}</p>",
)


def mail_of(number: int, html: str) -> bytes:
    subject = f"<img src=x onerror=alert({number})>".encode()
    return (
        b'From: "<script>alert(2)</script>" <wang%d@example.com>\r\nSubject: %s\r\nMessage-ID: <t%d@example.com>\r\n'
        b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s\r\n"
        % (number, subject, number, f"<p>正文{number}</p>{html}".encode())
    )


@pytest.fixture
def mailbox(cast: Cast, categories: Any, complaint_process: None) -> Mailbox:  # noqa: F811
    values = {
        "name": "客服邮箱", "address": "service@onepoint.example", "host": "imap.onepoint.example", "username": "service",
        "unit": cast.call_centre, "region": cast.east, "category_code": "bl_high", "ticket_kind": "complaint",
    }  # fmt: skip
    return mailboxes.create_mailbox(values=values, password="geheim", by=None)


def test_nothing_runs_and_nothing_is_fetched(
    browser: Browser, live_server: Any, client_of: Any, cast: Cast, mailbox: Mailbox
) -> None:
    mails = [arrive(mailbox, mail_of(number, html))[0] for number, html in enumerate(TRICKS)]
    role = Role.objects.get(code="agent")
    role.permissions = [*role.permissions, "mail.view"]
    role.save()
    cookie = client_of(User.objects.get(pk=cast.agent.pk)).cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    dialogs: list[str] = []
    strangers: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((live_server.url, "data:", "blob:")) else strangers.append(request.url)
        ),
    )
    for number, mail in enumerate(mails):
        for path in (f"/mails/{mail.pk}/", f"/mails/{mail.pk}/shown/"):
            page.goto(f"{live_server.url}{path}", wait_until="load")
        assert f"正文{number}" in page.content()
        for link in page.locator("a").all():
            assert not (link.get_attribute("href") or "").strip().lower().startswith("javascript")
    page.goto(f"{live_server.url}/mails/all/", wait_until="load")
    context.close()
    assert dialogs == []
    assert strangers == []
