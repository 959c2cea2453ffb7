"""Every role of the demo walks through every page it is shown a way to: all open, all in the reader's language."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit
from zoneinfo import available_timezones

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve
from lxml import html

from onepoint.accounts.models import User
from onepoint.core import navigation
from onepoint.customers.models import Customer
from onepoint.demo import customers, life
from onepoint.quality.models import CoachingCase
from onepoint.sla.models import Holiday
from onepoint.tickets.models import Ticket

LANGUAGES = ("zh-hans", "en")
#: Addresses with the same name and these parameters differ only in what they list.
PAGES_OF_A_KIND = 2
PAGES_OF_A_VIEW = 8
#: Words that are the same in both languages, and names people gave in one only.
SAME_IN_CHINESE = re.compile(
    r"Onepoint|English|Windows|Linux|Chrome|Firefox|Safari|BPMN|Ctrl|Enter|Esc|Excel|XLSX|CSV|VoLTE|VIP|FEEL|Internet|Wi-Fi"
    r"|Webhook|JSON|Django|PostgreSQL",
    re.IGNORECASE,
)
ZONES = {name.replace("_", " ") for name in available_timezones()} | available_timezones()
ENGLISH = re.compile(r"^[A-Za-z][A-Za-z ,.'’:;!?()/&–-]{3,}$")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: What is typed by people, codes and files: shown as it is in either language.
AS_TYPED = "code pre kbd textarea .mono .pre .num .opinion__text .clip .person".split()


LIFE = {"TICKETS": 24, "CONTACTS": 6}
CUSTOMERS = {"PEOPLE": 16, "COMPANIES": 4, "FACTORIES": 6}
WALKERS = {
    "zh-hans": "agent1 wuh.clerk wuh.coordinator wuh.network visitor1 duty designer admin director us-south.coordinator",
    "en": "agent1 wuh.coordinator wuh.network duty admin",
}


@pytest.fixture
def demo(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    """A small demo: everybody who works there, a few customers, tickets in all stages."""
    for module, figures in ((life, LIFE), (customers, CUSTOMERS)):
        for name, figure in figures.items():
            monkeypatch.setattr(module, name, figure)
    call_command("load_demo", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # nothing of it is committed, so nobody else counts it for the planner
    return {user.username: user for user in User.objects.all()}


@dataclass
class Walk:
    client: Client
    language: str
    foreign: frozenset[str]
    names: frozenset[str]
    seen: set[str] = field(default_factory=set)
    kinds: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)
    views: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def go(self, start: list[str]) -> None:
        waiting = [(path, "") for path in start]
        while waiting:
            path, seen_on = waiting.pop(0)
            if path in self.seen or not self._is_new_kind(path):
                continue
            self.seen.add(path)
            answer = self.client.get(path)
            if answer.status_code in (301, 302):
                waiting.append((urljoin(path, answer.url), path))
                continue
            if answer.status_code != 200:
                self.faults.append(f"{answer.status_code} {path} linked on {seen_on}")
                continue
            if answer.headers["Content-Type"].startswith("text/html"):
                page = html.fromstring(answer.content.decode().strip() or "<p></p>")
                self._read(path, page)
                waiting += [(target, path) for target in self._ways(path, page)]

    def _is_new_kind(self, path: str) -> bool:
        parts = urlsplit(path)
        try:
            match = resolve(parts.path)
        except Resolver404:
            self.faults.append(f"no such address: {path}")
            return False
        # A way to one particular thing is walked for a few things; every entry of the sidebar is its own kind.
        kind = match.view_name, tuple(sorted(name for name, _ in parse_qsl(parts.query)))
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.views[match.view_name] += 1
        return self.kinds[kind] <= PAGES_OF_A_KIND and self.views[match.view_name] <= PAGES_OF_A_VIEW

    def _ways(self, path: str, page: html.HtmlElement) -> Iterator[str]:
        targets = [
            *page.xpath("//a/@href"),
            *page.xpath("//@hx-get"),
            *page.xpath("//@data-xml-url"),
            *page.xpath("//@data-state-url"),
        ]
        for target in targets:
            parts = urlsplit(urljoin(f"http://testserver{path}", target))
            if parts.netloc == "testserver" and not parts.path.startswith("/static/") and target != "#main":
                yield parts._replace(scheme="", netloc="", fragment="").geturl()

    def _read(self, path: str, page: html.HtmlElement) -> None:
        for text in shown_texts(page):
            if self.language == "zh-hans":
                if ENGLISH.match(text) and text not in self.names | ZONES and not SAME_IN_CHINESE.search(text):
                    self.faults.append(f"{path}: not in Chinese: {text}")
            elif text in self.foreign and text not in self.names:
                self.faults.append(f"{path}: not in English: {text}")


def shown_texts(page: html.HtmlElement) -> Iterator[str]:
    """What a reader reads: texts, titles, placeholders and the words on buttons."""
    for element in page.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "head"):
            continue
        if any(one.get("lang") or is_as_typed(one) for one in [element, *element.iterancestors()] if one.tag != "html"):
            continue
        inside = [element.text, *(child.tail for child in element)] if element.tag not in ("svg", "template") else []
        named = [element.get(name) for name in ("title", "placeholder", "aria-label")]
        yield from (" ".join(text.split()) for text in [*inside, *named] if text and text.strip())


def is_as_typed(element: html.HtmlElement) -> bool:
    classes = (element.get("class") or "").split()
    return element.tag in AS_TYPED or any(f".{name}" in AS_TYPED for name in classes)


def translations() -> frozenset[str]:
    """Every Chinese sentence of the catalogues that differs from what it translates."""
    files = [path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("zh_Hans/LC_MESSAGES/django.po")]
    return frozenset(
        entry.msgstr for path in files for entry in polib.pofile(str(path)) if CHINESE.search(entry.msgstr)
    )


def codes_and_names() -> frozenset[str]:
    """What is written the same in either language: codes of things, staff numbers, names of people, titles."""
    found = {life.SOURCE, *Ticket.objects.values_list("title", flat=True)}
    for title, tags in CoachingCase.objects.values_list("title", "tags"):
        found |= {title, *tags}
    for model in apps.get_models():
        wanted = {"code", "key", "username"} & {field.name for field in model._meta.fields}
        for name in wanted:
            found |= {str(value) for value in model._default_manager.values_list(name, flat=True)}
    for model in (User, Customer):
        found |= set(model._default_manager.values_list("name_en", flat=True))
    # Other countries' holidays have the names their own country gives them.
    found |= set(Holiday.objects.exclude(country="CN").values_list("name", flat=True))
    return frozenset(found)


def names_with_an_english_one() -> frozenset[str]:
    """Chinese names of units, roles, categories …, all of which have an English name too."""
    found: set[str] = set()
    for model in apps.get_models():
        fields = {field.name for field in model._meta.fields}
        if {"name", "name_en"} <= fields and model not in (User, Customer):
            found |= set(model._default_manager.exclude(name_en="").values_list("name", flat=True))
    return frozenset(name for name in found if CHINESE.search(name))


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_there_is_a_way_to_opens_in_the_readers_language(
    demo: dict[str, User], client_of: Callable[[User], Client], language: str
) -> None:
    User.objects.update(language=language)
    names = codes_and_names()
    foreign = translations() | names_with_an_english_one() if language == "en" else frozenset()
    faults: list[str] = []
    for who in WALKERS[language].split():
        person = User.objects.get(username=who)
        walk = Walk(client_of(person), language, foreign, names)
        walk.go(["/", "/profile/"])
        assert len(walk.seen) > len(navigation.items_for(person)) > 0
        faults += [f"{who}: {fault}" for fault in walk.faults]
    assert not faults, "\n".join(sorted(set(faults)))
