import pytest
from django.template import loader

from onepoint.core.errors import SomebodyWasFaster


def test_an_unknown_address_is_answered_with_a_page(cast, client_of):
    response = client_of(cast.agent).get("/no/such/page/")
    assert response.status_code == 404
    assert "页面不存在" in response.content.decode()


@pytest.mark.parametrize("name", ["403.html", "404.html"])
def test_a_refusing_page_leads_back_to_the_desk(name):
    assert 'href="/"' in loader.get_template(name).render({})


@pytest.mark.parametrize(("name", "words"), [("500.html", "系统出错了"), ("503.html", "请稍候")])
def test_a_failure_page_needs_neither_context_nor_front_end(name, words, settings):
    settings.STATICFILES_DIRS = []
    html = loader.get_template(name).render({})
    assert words in html
    assert "<link" not in html
    assert "<script" not in html


def test_a_refusal_is_a_notice_with_its_code():
    html = loader.get_template("core/refusal.html").render({"refusal": SomebodyWasFaster()})
    assert 'data-refusal="somebody_was_faster"' in html
    assert "刚刚有人改动过" in html
