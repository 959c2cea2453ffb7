"""A notification as somebody reads it: facts and wording put together, personal data masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from onepoint.accounts.models import User
from onepoint.core import clock, masking
from onepoint.notifications import wording
from onepoint.notifications.models import Notification
from onepoint.notifications.queries.wordings import Wording, Wordings
from onepoint.notifications.registry import COMMON_VARIABLES, LINK, MOMENT, PERSON, Event, Variable, find_event
from onepoint.notifications.states import Way

#: Characters of an SMS; the gateway splits it into parts.
LONGEST_SMS = 500


@dataclass(frozen=True)
class Told:
    """A notification in words."""

    title: str
    text: str


@dataclass(frozen=True)
class Letter:
    """An e-mail: plain text and the same as HTML."""

    subject: str
    text: str
    html: str


def absolute(house: str, url: str) -> str:
    """The address people open from outside; "" while nobody said where the house is."""
    return f"{house.rstrip('/')}{url}" if house and url else ""


def in_words(notice: Notification, wordings: Wordings, language: str) -> Told:
    """In the application: numbers in the facts as the reader may see them."""
    event = find_event(notice.event)
    if event is None:
        return Told(notice.event, "")
    facts = {name: _as_reader_sees(value) for name, value in notice.facts.items()}
    found = wordings.of(event, Way.APP, language)
    facts = {**facts, LINK: "", MOMENT: wording.shown({wording.MOMENT_KEY: notice.created_at.isoformat()})}
    return Told(
        wording.one_line(wording.fill(found.subject, facts, language)),
        wording.fill(found.body, facts, language).strip(),
    )


def _as_reader_sees(value: Any) -> Any:
    return masking.shown_words(value) if isinstance(value, str) else value


def masked_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with the telephone numbers, e-mail addresses and ID numbers in them masked."""
    return {name: masking.mask_words(value) if isinstance(value, str) else value for name, value in facts.items()}


def outward(facts: Mapping[str, Any], person: User, *, link: str, at: Any) -> dict[str, Any]:
    """The facts as they may leave the house: masked for everybody, because a mail is read where nobody looks after it."""
    masked = masked_facts(facts)
    own = {
        PERSON: person.name,
        f"{PERSON}_en": person.name_en,
        LINK: link,
        MOMENT: {wording.MOMENT_KEY: at.isoformat()},
    }
    return {**masked, **own}


def letter(found: Wording, facts: Mapping[str, Any], *, language: str, house: str) -> Letter:
    """One e-mail about one thing."""
    subject = wording.one_line(wording.fill(found.subject, facts, language))
    body = wording.fill(found.body, facts, language).strip()
    link = str(facts.get(LINK, ""))
    with translation.override(language):
        foot = foot_of(house)
        way = wording.button(link, gettext("Open"))
        text = "\n\n".join(part for part in (body, link if link not in body else "", f"-- \n{foot}") if part)
    html = wording.page(subject, wording.as_html(body) + way, language=language, foot=foot)
    return Letter(subject, text, html)


def foot_of(house: str) -> str:
    """What stands under every e-mail, in the language in force."""
    preferences = absolute(house, "/notifications/preferences/")
    sentence = gettext("Sent by Onepoint. Please do not answer this e-mail.")
    if not preferences:
        return sentence
    change = gettext("What you are told and when: %(address)s") % {"address": preferences}
    return f"{sentence} {change}"


def short_text(found: Wording, facts: Mapping[str, Any], language: str) -> str:
    """An SMS: one line."""
    return wording.one_line(wording.fill(found.body, facts, language), LONGEST_SMS)


@dataclass(frozen=True)
class Preview:
    """A text with sample facts, before it is saved."""

    subject: str
    text: str
    html: SafeString
    length: int = 0
    parts: int = 0


def preview(event: Event, way: str, language: str, *, subject: str, body: str) -> Preview:
    """How a text would read; for an SMS also how many parts it costs (70 or 67 characters each, 160 or 153 in Latin)."""
    sample = {variable.name: _sample(variable) for variable in (*event.variables, *COMMON_VARIABLES)}
    if way == Way.APP:
        sample[LINK] = ""  # the notification itself is the link
    text = wording.fill(body, sample, language).strip()
    if way == Way.SMS:
        text = wording.one_line(text, LONGEST_SMS)
        return Preview("", text, wording.as_html(text, on_page=True), len(text), sms_parts(text))
    return Preview(wording.one_line(wording.fill(subject, sample, language)), text, wording.as_html(text, on_page=True))


def _sample(variable: Variable) -> Any:
    if variable.kind == "moment":
        return {wording.MOMENT_KEY: clock.now().isoformat()}
    return str(variable.sample or variable.label)


def sms_parts(text: str) -> int:
    """About how many messages a text is split into; letters outside Latin halve the room."""
    one, each = (160, 153) if text.isascii() else (70, 67)
    length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    return 1 if length <= one else -(-length // each)


def button_to_list(house: str, label: str) -> SafeString:
    """Under a digest: the way to everything one was told."""
    return wording.button(absolute(house, "/notifications/"), label)
