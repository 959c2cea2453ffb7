"""Every address of the organisation, walked by somebody without any right and by an administrator."""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from onepoint.accounts import services, urls
from onepoint.accounts.models import Position, RoleGrant

#: Open to everybody with a login (or before it); each shows one's own things or mere names.
OPEN = {
    "account_login",
    "account_logout",
    "set-language",
    "profile",
    "password-change",
    "session-list",
    "session-end-others",
    "session-end",
    "person-options",
    "unit-options",
}
NAMES = [pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)]
GUARDED = sorted(set(NAMES) - OPEN)
SECRETS = ["东市网络部", "高处理", "某省", "危机处理组"]
#: Pages about one unit or person, which a right over another city does not open.
PLACED = [
    name
    for name in GUARDED
    if name.split("-")[0] in ("person", "unit", "position", "appointment")
    and name not in ("person-list", "person-create", "unit-list", "unit-create")
]


@pytest.fixture
def address(cast):
    """A function giving a real address under a URL name."""
    services.create_group(code="crisis", name="危机处理组", by=cast.admin)
    services.create_region(code="lonely", name="孤县", by=cast.admin)
    position = Position.objects.create(unit=cast.network, name="值班")
    appointment = services.appoint_person(cast.handler, position=position, by=cast.admin)
    grant = RoleGrant.objects.get(user=cast.handler)

    def find(name):
        noun = name.split("-")[0]
        arguments = {
            "person": ["handler"],
            "appointment": ["handler", appointment.pk],
            "unit": ["east-network"],
            "position": ["east-network", position.pk],
            "region": ["lonely"],
            "role": ["handler"],
            "group": ["crisis"],
            "session": [999_999],
        }.get(noun, [])
        if name == "person-revoke-role":
            arguments = ["handler", grant.pk]
        elif name == "position-create":
            arguments = ["east-network"]
        elif name == "group-remove-member":
            arguments = ["crisis", "handler"]
        elif name.endswith(("-list", "-create", "-options", "-end-others")) and name != "position-create":
            arguments = []
        return reverse(name, args=arguments)

    return find


@pytest.mark.parametrize("name", GUARDED)
def test_somebody_without_the_right_sees_and_does_nothing(cast, client_of, address, name):
    url = address(name)
    client = client_of(cast.visitor)
    for response in (client.get(url), client.post(url, {}, headers={"Referer": "https://other.example/"})):
        assert response.status_code in (403, 404, 405)
        content = response.content.decode()
        assert not [secret for secret in SECRETS if secret in content]


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("account_login", "account_logout", "set-language")]
)
def test_nobody_gets_in_without_a_login(address, name):
    url = address(name)
    for response in (Client().get(url), Client().post(url)):
        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize("name", PLACED)
def test_another_city_is_not_found(cast, client_of, address, city_admin, name):
    """A right over East is no right over West: the same pages about West answer 404."""
    url = address(name).replace("east-network", "west-branch").replace("/handler/", "/outsider/")
    client = client_of(city_admin)
    assert client.get(url).status_code in (404, 405)
    assert client.post(url, {"person": cast.handler.pk}).status_code == 404


@pytest.mark.parametrize(
    "name", sorted(set(NAMES) - {"account_login", "account_logout", "set-language", "session-end"})
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_administrator_opens_every_page(cast, client_of, address, name, language):
    services.set_language(cast.admin, language, by=cast.admin)
    response = client_of(cast.admin).get(address(name))
    assert response.status_code in (200, 405)
