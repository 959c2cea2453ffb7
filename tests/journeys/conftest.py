"""People at their screens, spoken to over HTTP: every journey goes through the pages' own forms."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cast import Cast
from journeys.house import House, register_customer
from journeys.screen import Screen
from onepoint.accounts.models import User
from onepoint.demo.starter import load_starter


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Path) -> None:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}
    settings.STORAGES = storages


@pytest.fixture
def starter(db: None) -> None:
    """Roles first, so that the cast works with the delivered ones."""
    load_starter()


@pytest.fixture
def house(starter: None, cast: Cast) -> House:
    return House(cast, register_customer(cast))


@pytest.fixture
def at_screen(client_of: Callable[[User], Client]) -> Callable[..., Screen]:
    """A function that sits a person down at a screen in a language."""

    def sit(person: User, language: str = "zh-hans") -> Screen:
        User.objects.filter(pk=person.pk).update(language=language)
        return Screen(client_of(person), person)

    return sit
