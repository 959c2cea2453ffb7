"""One person at a browser of their own: logs in through the form, works with mouse and keyboard, sees what is shown."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from browser.house import WORDS, House

#: A request that is refused on purpose makes the browser and htmx note its status on the console, and leaving a page while
#: one is under way its end; that is no fault of the page. (One that fails is noted as ``htmx:sendError``.)
REFUSED = re.compile(
    r"Failed to load resource: the server responded with a status of 4(0[0-9]|22)"
    r"|Response Status Error Code 4(0[0-9]|22) from "
    r"|htmx:(afterRequest|sendAbort), "
)
WATCHED = "document.addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective))"


@dataclass
class Seat:
    house: House
    part: str
    language: str
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    _page: Page | None = None

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.language]

    @property
    def page(self) -> Page:
        """The person's window; logged in by the form when it is looked at first."""
        if self._page is None:
            self.context.clear_cookies()
            self._page = self.context.new_page()
            self._page.add_init_script(WATCHED)
            self._page.on("pageerror", lambda error: self.faults.append(f"{self.part}: {error}"))
            self._page.on("console", self._note)
            self._page.on("response", self._check)
            log_in(self._page, self.house.url, self.house.logins[self.part], self.house.password)
            speak(self._page, self.language)
        return self._page

    def read(self, path: str) -> str:
        """A page as text, without a window: how all the others look at their desks."""
        if not self.context.cookies():
            self._log_in_without_window()
        answer = self.context.request.get(f"{self.house.url}{path}")
        assert answer.ok, f"{self.part} at {path}: {answer.status}"
        return answer.text()

    def _log_in_without_window(self) -> None:
        url = f"{self.house.url}/accounts/login/"
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.context.request.get(url).text())
        assert token is not None
        filled = {
            "login": self.house.logins[self.part],
            "password": self.house.password,
            "csrfmiddlewaretoken": token[1],
        }
        answer = self.context.request.post(url, form=filled, headers={"Referer": url})
        assert answer.ok, f"{self.part} cannot log in"
        assert "/accounts/login/" not in answer.url

    def _note(self, line: Any) -> None:
        if (
            line.type == "error"
            and not REFUSED.match(line.text)
            and "/events" not in (line.location or {}).get("url", "")
        ):
            self.faults.append(f"{self.part} at {self._page and self._page.url}: {line.text}")

    def _check(self, answer: Any) -> None:
        if answer.status >= 500 or (answer.status == 404 and "/static/" in answer.url):
            self.faults.append(f"{self.part}: {answer.status} {answer.url}")

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.house.url}{path}")
        return self.page

    # -- the to-do --------------------------------------------------------------------------------------------------

    def todo(self) -> set[str]:
        """Numbers of the tickets in hand or to be claimed, as the desk of this person tells them."""
        desk = self.read("/?size=200")
        # The desk opens with what is in hand; the rest is looked at only where its figure says there is something.
        for kind, figure in re.findall(
            r'<a href="/\?kind=(mine|pool)"(?! aria-current)[^>]*>[^<]*<span[^>]*>(\d+)', desk
        ):
            if figure != "0":
                desk += self.read(f"/?kind={kind}&size=200")
        return set(re.findall(r'data-href="/tickets/(\w+)/"', desk))

    # -- the ticket -------------------------------------------------------------------------------------------------

    def open_from_desk(self, number: str) -> Locator:
        """Find the ticket on the desk, under what is in hand or to be claimed, and open it; the first step of mine there."""
        for kind in ("mine", "pool"):
            row = self.go(f"/?kind={kind}&size=200").locator("#work tbody tr", has_text=number)
            if row.count():
                row.locator("a").first.click()
                break
        expect(self.page).to_have_url(re.compile(f"/tickets/{number}/"))
        return self.page.locator("section[id^=task-]", has=self.page.locator("form[action$='/complete/']")).first

    def act(self, number: str, outcome: str, opinion: str, pick: dict[str, str | list[str]] | None = None) -> None:
        """Finish the step: choose what happens next, fill what it asks for, write an opinion, send."""
        panel = self.open_from_desk(number)
        panel.get_by_label(self.words[outcome], exact=True).check()
        more = panel.locator(".choice", has=self.page.get_by_label(self.words[outcome], exact=True))
        for label, names in (pick or {}).items():
            box = more.get_by_role("combobox")
            for name in names if isinstance(names, list) else [names]:
                box.click()
                box.fill(name)
                self.page.locator(".picker__option", has_text=name).first.click()
            assert label
        panel.get_by_label(self.words["opinion"]).fill(opinion)
        panel.get_by_role("button", name=self.words["finish_step"]).click()
        expect(self.page.locator("#notices .notice--success")).to_be_visible()

    def send_back(self, number: str, to: str, resume: str, opinion: str) -> None:
        panel = self.open_from_desk(number)
        sending_back = self.page.locator("form[action$='/send-back/']")
        panel.locator("details.fold", has=sending_back).locator("summary").click()
        form = panel.locator("form[action$='/send-back/']")
        target = form.locator("select[name=to_visit] option", has_text=to).first
        form.locator("select[name=to_visit]").select_option(value=target.get_attribute("value"))
        form.locator("select[name=resume]").select_option(label=self.words[resume])
        form.locator("textarea").fill(opinion)
        form.get_by_role("button").click()
        expect(self.page.locator("#notices .notice--success")).to_be_visible()

    def look_at(self, number: str) -> tuple[list[str], set[str]]:
        """The texts of the joint opinions, which nothing can change, and the steps the process picture marks as present."""
        part = self.go(f"/tickets/{number}/").locator("#opinions")
        assert part.locator("form, input, textarea, button, [contenteditable]").count() == 0
        self.page.locator("#picture").scroll_into_view_if_needed()
        expect(self.page.locator("#picture .process[data-ready]")).to_be_visible()
        marks = {str(mark.get_attribute("data-element-id")) for mark in self.page.locator(".node-now").all()}
        return [text.strip() for text in part.locator(".opinion__text").all_text_contents()], marks - {
            "department_work"
        }


def log_in(page: Page, url: str, username: str, password: str) -> None:
    """By the keyboard: number, Tab, password, Enter."""
    page.goto(f"{url}/accounts/login/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda now: "/accounts/login/" not in now)


def speak(page: Page, language: str) -> None:
    """Switch the language by the button on top, if it is not spoken already."""
    shown = page.locator("html")
    wanted = re.compile(f"^{language}", re.IGNORECASE)
    if not wanted.match(shown.get_attribute("lang") or ""):
        page.locator("header.top button.lang").click()
        expect(shown).to_have_attribute("lang", wanted)


@dataclass
class Seats:
    """Everybody's browser, opened when needed and closed together; ``faults`` of all pages."""

    house: House
    browser: Browser
    arguments: dict[str, Any]
    language: str = "zh-hans"
    taken: dict[str, Seat] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __getitem__(self, part: str) -> Seat:
        if part not in self.taken:
            self.taken[part] = Seat(self.house, part, self.language, self.browser.new_context(**self.arguments))
        return self.taken[part]

    def leave(self) -> None:
        """Everybody goes: whoever sits down again does it at a browser that keeps no cookie and awaits no answer."""
        for seat in self.taken.values():
            seat.context.close()
            self.faults += seat.faults
        self.taken.clear()

    def close(self) -> list[str]:
        self.leave()
        return self.faults
