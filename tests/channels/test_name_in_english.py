"""Windows, gateways, watched folders and web sites of the chat are read by the name in the reader's language."""

import pytest
from django.test import Client
from django.utils.translation import override

from cast import Cast
from channels.test_set_up_gateway import MAIL
from onepoint.channels import services
from onepoint.channels.models import ChatSite, Gateway, ScanSource


@pytest.fixture
def reader(cast: Cast, client_of) -> Client:
    """The administrator, who reads English."""
    cast.admin.language = "en"
    cast.admin.save(update_fields=["language"])
    return client_of(cast.admin)


def test_a_window_keeps_its_english_name_when_it_is_closed(cast: Cast) -> None:
    services.save_window(cast.call_centre, name="3 号窗口", name_en="Window 3", by=cast.admin)
    window = services.save_window(cast.call_centre, name="3 号窗口", is_active=False, by=cast.admin)
    assert window.label == "3 号窗口"
    with override("en"):
        assert window.label == "Window 3"


def test_a_window_is_named_on_the_page_of_its_line(cast: Cast, reader: Client) -> None:
    line = services.save_counter_queue(None, unit=cast.call_centre, name="综合业务", prefix="A", by=cast.admin)
    reader.post(f"/counter/lines/{line.pk}/windows/", {"name": "1 号窗口", "name_en": "Window 1"})
    assert "<span>Window 1</span>" in reader.get(f"/counter/lines/{line.pk}/").content.decode()


def test_a_gateway_is_named_and_renamed_in_english(reader: Client) -> None:
    assert reader.post("/gateways/new/smtp/", MAIL | {"name_en": "Mail of the house"}).status_code == 302
    gateway = Gateway.objects.get()
    assert "Mail of the house" in reader.get("/gateways/").content.decode()
    changed = MAIL | {"name_en": "Mail", "password": "", "revision": gateway.revision}
    assert reader.post(f"/gateways/{gateway.pk}/", changed).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.name, gateway.name_en) == ("邮件", "Mail")


def test_a_watched_folder_and_a_web_site_are_named_in_english(cast: Cast, reader: Client) -> None:
    folder = {"name": "传真", "name_en": "Fax", "folder": "fax", "channel": "fax", "unit": cast.call_centre.pk}
    assert reader.post("/scans/folders/new/", folder | {"is_active": "on"}).status_code == 302
    site = {"origin": "https://www.example.com", "name": "官网", "name_en": "Own web site"}
    assert reader.post("/chats/sites/", site).status_code == 302
    assert (ScanSource.objects.get().name_en, ChatSite.objects.get().name_en) == ("Fax", "Own web site")
    assert "Fax" in reader.get("/scans/folders/").content.decode()
    assert "Own web site" in reader.get("/chats/sites/").content.decode()
