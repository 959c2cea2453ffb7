"""One person's screen without a browser: pages are read as a reader would, and only what stands on them is sent."""

from dataclasses import dataclass
from typing import Any

from django.test import Client
from lxml import html

from onepoint.accounts.models import User

DESK_KINDS = ("mine", "pool")


def text_of(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


@dataclass(frozen=True)
class Written:
    """One joint opinion as a page shows it."""

    step: str
    outcome: str
    author: str
    text: str


class Form:
    """A form of a page with what it would send untouched."""

    def __init__(self, node: html.HtmlElement) -> None:
        self.node = node
        self.action: str = node.get("action") or ""
        self.values: dict[str, list[str]] = {}
        for name, value in node.form_values():
            self.values.setdefault(name, []).append(value)

    def choices(self, name: str) -> dict[str, str]:
        """Value → label of a select or of radio buttons."""
        options = self.node.xpath(f".//select[@name='{name}']/option[@value!='']")
        if options:
            return {option.get("value"): text_of(option) for option in options}
        radios = self.node.xpath(f".//input[@type='radio'][@name='{name}']")
        return {radio.get("value"): text_of(radio.getparent()) for radio in radios}

    def fill(self, **values: Any) -> "Form":
        """Refuses what the form has no field for and choices it does not offer."""
        for name, value in values.items():
            found = [field for field in self.node.xpath(".//input|.//select|.//textarea") if field.get("name") == name]
            assert found, f"the form {self.action} has no field {name}"
            wanted = [str(one) for one in (value if isinstance(value, list) else [value])]
            offered = self.choices(name)
            assert not offered or set(wanted) <= set(offered), f"{name} offers {offered}, not {wanted}"
            self.values[name] = wanted
        return self


class Screen:
    def __init__(self, client: Client, person: User) -> None:
        self.client = client
        self.person = person

    def open(self, path: str) -> html.HtmlElement:
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{self.person} at {path}: {answer.status_code}"
        return html.fromstring(answer.content.decode())

    def status_of(self, path: str) -> int:
        return self.client.get(path).status_code

    def forms(self, path: str, action_end: str) -> list[Form]:
        return [Form(form) for form in self.open(path).forms if (form.get("action") or "").endswith(action_end)]

    def form_with(self, path: str, field_name: str) -> Form:
        """The form of a page that has a field; one without an action is sent to the page itself."""
        (form,) = [Form(form) for form in self.open(path).forms if form.xpath(f".//*[@name='{field_name}']")]
        form.action = form.action or path
        return form

    def send(self, form: Form, status: int = 302, **more: Any) -> Any:
        answer = self.client.post(form.action, {**form.values, **more})
        assert answer.status_code == status, f"{form.action}: {answer.status_code} {refusals(answer)}"
        return answer

    # -- the desk ---------------------------------------------------------------------------------------------------

    def todo(self) -> list[tuple[str, str]]:
        """(ticket, step) in hand or to be claimed; without the mark that it came back."""
        page = self.open("/")
        rows = _work_of(page)
        # The desk opens with what is in hand; the other kind is looked at only where its figure says there is something.
        for link in page.xpath("//nav[@class='tabs']/a[not(@aria-current)]"):
            kind = link.get("href").partition("kind=")[2]
            if kind in DESK_KINDS and link.xpath("./span")[0].text != "0":
                rows += _work_of(self.open(link.get("href")))
        return rows

    # -- the intake -------------------------------------------------------------------------------------------------

    def take_call(self, phone: str) -> Form:
        """The intake with the customer found by telephone, step by step as it works without scripts."""
        (form,) = self.forms("/intake/", "/intake/")
        page = html.fromstring(self.send(form.fill(q=phone), 200, do="find").content.decode())
        (chosen,) = page.xpath("//button[@data-candidate]/@value")
        (form,) = [Form(one) for one in page.forms if one.get("id") == "intake"]
        page = html.fromstring(self.send(form, 200, do=chosen).content.decode())
        (form,) = [Form(one) for one in page.forms if one.get("id") == "intake"]
        return form

    def category(self, typed: str, kind: str = "complaint") -> str:
        """The first category the picker offers for some letters."""
        return str(self.client.get("/categories/options/", {"q": typed, "kind": kind}).json()["results"][0]["value"])

    def register(self, phone: str, typed: str, text: str, **items: Any) -> str:
        """Make a ticket of a call; gives its number."""
        form = self.take_call(phone)
        form.fill(description=text)
        form.values |= {"category": [self.category(typed)], **{name: [str(value)] for name, value in items.items()}}
        answer = self.send(form, do="ticket")
        return str(answer.url).strip("/").split("/")[-1]

    # -- the ticket -------------------------------------------------------------------------------------------------

    def act(self, number: str, step: str, outcome: str, opinion: str = "", **inputs: Any) -> tuple[str, str]:
        """Finish the step called ``step`` through the form on the ticket page; gives (step, outcome) as shown."""
        page = self.open(f"/tickets/{number}/")
        (panel,) = [
            panel
            for panel in page.xpath("//section[starts-with(@id, 'task-')]")
            if text_of(panel.xpath(".//h2")[0]) == step and panel.xpath(".//form[contains(@action, '/complete/')]")
        ]
        (form,) = [Form(form) for form in panel.xpath(".//form[contains(@action, '/complete/')]")]
        label = form.choices("outcome")[outcome]
        form.fill(outcome=outcome, opinion=opinion, **{f"{outcome}-{name}": value for name, value in inputs.items()})
        self.send(form)
        return step, label

    def send_back(self, number: str, to: str, resume: str, opinion: str) -> None:
        """Send the step back to an earlier one, chosen by what its option says."""
        (form,) = self.forms(f"/tickets/{number}/", "/send-back/")
        (target,) = [value for value, label in form.choices("to_visit").items() if to in label]
        self.send(form.fill(to_visit=target, resume=resume, opinion=opinion))

    def opinions(self, number: str) -> list[Written]:
        """The joint opinions; they offer nothing to change them with."""
        (part,) = self.open(f"/tickets/{number}/").xpath("//section[@id='opinions']")
        assert not part.xpath(".//form | .//input | .//textarea | .//button | .//*[@contenteditable]")
        assert not part.xpath(".//*[@hx-post or @hx-put or @hx-delete]")
        return [
            Written(
                step=text_of(entry.xpath(".//span[contains(@class, 'strong')]")[0]),
                outcome=text_of(entry.xpath(".//span[starts-with(@class, 'tag')]")[0]),
                author=entry.xpath(".//*[@class='person__name']")[0].text.strip(),
                text=text_of((entry.xpath(".//*[@class='opinion__text']") or [html.fromstring("<i></i>")])[0]),
            )
            for entry in part.xpath(".//li[@class='opinion']")
        ]


def _work_of(page: html.HtmlElement) -> list[tuple[str, str]]:
    rows = [row.xpath("./td") for row in page.xpath("//div[@id='work']//tbody/tr")]
    return [(text_of(cells[0]), cells[5].text.strip()) for cells in rows]


def refusals(answer: Any) -> list[str]:
    """What a page says when it refuses."""
    page = html.fromstring(answer.content.decode() or "<p></p>")
    return [
        text_of(node)
        for node in page.xpath("//*[contains(@class, 'field__error') or contains(@class, 'notice--error')]")
    ]
