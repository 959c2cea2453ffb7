"""Several notifications in one e-mail, at the time the person chose."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext

from onepoint.accounts.models import User
from onepoint.channels.services.outbox import send_message
from onepoint.channels.states import Medium
from onepoint.core import clock
from onepoint.notifications import rendering, wording
from onepoint.notifications.models import DigestEntry, Notification, NotificationPolicy
from onepoint.notifications.queries import digests as queries
from onepoint.notifications.queries.rules import notification_policy
from onepoint.notifications.queries.wordings import own_wordings
from onepoint.notifications.registry import find_event
from onepoint.notifications.services.delivery import set_state
from onepoint.notifications.services.sending import audience_of, held_until, rules_of
from onepoint.notifications.states import Way, WayState

#: Any number, the same everywhere: the first half of the lock of one person's digest.
_LOCK = 5_100_205
PEOPLE_AT_ONCE = 100
#: A longer letter nobody reads; the rest is counted and found in the application.
MOST_LISTED = 50


def send_due_digests(*, by: User | None) -> int:
    """One e-mail for each person whose collected notifications are due; how many letters were written.

    Any number of workers may run it: each person's letter is written, and what it tells taken off the pile, in one
    transaction that the others skip. One killed half-way leaves the pile as it was.
    """
    policy: NotificationPolicy | None = None
    letters = 0
    for person_id in queries.people_with_due_digests(clock.now(), limit=PEOPLE_AT_ONCE):
        policy = policy or notification_policy()
        letters += _send_digest(person_id, policy, by)
    return letters


@transaction.atomic
def _send_digest(person_id: int, policy: NotificationPolicy, by: User | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, person_id % 2**31])
        if not cursor.fetchone()[0]:
            return 0
    entries = list(queries.due_entries(person_id, clock.now()))
    if not entries:
        return 0
    person = entries[0].person
    notices = [entry.notification for entry in entries]
    may_write = bool(person.is_active and person.email)
    if may_write:
        _put_into_outbox(person, notices, policy, by)
    state = WayState.WAITING if may_write else WayState.NO_ADDRESS
    set_state([notice.pk for notice in notices], Way.EMAIL, state, letter=_key_of(person, notices))
    DigestEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return int(may_write)


def _key_of(person: User, notices: list[Notification]) -> str:
    return f"digest/{person.pk}/{max(notice.pk for notice in notices)}"


def _put_into_outbox(person: User, notices: list[Notification], policy: NotificationPolicy, by: User | None) -> None:
    letter = compose(person, notices, policy)
    send_message(
        Medium.EMAIL,
        person.email,
        key=_key_of(person, notices),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        not_before=held_until(rules_of(person, policy), clock.now(), False),
        language=person.language,
        audience=audience_of(person),
        by=by,
    )


def compose(person: User, notices: list[Notification], policy: NotificationPolicy) -> rendering.Letter:
    """The letter, in the person's language; a single notification reads as if it had come at once."""
    language, house = person.language, policy.house_address
    wordings = own_wordings(events={notice.event for notice in notices}, ways=[Way.EMAIL])
    told = []
    for notice in notices[:MOST_LISTED]:
        event = find_event(notice.event)
        if event is None:  # of a capability that has gone
            continue
        link = rendering.absolute(house, notice.url)
        facts = rendering.outward(notice.facts, person, link=link, at=notice.created_at)
        found = wordings.of(event, Way.EMAIL, language)
        if len(notices) == 1:
            return rendering.letter(found, facts, language=language, house=house)
        moment = wording.shown({wording.MOMENT_KEY: notice.created_at.isoformat()})
        told.append((moment, wording.one_line(wording.fill(found.subject, facts, language)), link))
    with translation.override(language):
        return _collected(told, len(notices), language, house)


def _collected(told: Iterable[tuple[str, str, str]], count: int, language: str, house: str) -> rendering.Letter:
    lines = list(told)
    subject = ngettext("%(count)s notification", "%(count)s notifications", count) % {"count": count}
    foot = rendering.foot_of(house)
    rest = count - len(lines)
    more = ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest} if rest else ""
    text = "\n\n".join("\n".join(part for part in (f"{at}  {title}", link) if part) for at, title, link in lines)
    text = "\n\n".join(part for part in (text, more, f"-- \n{foot}") if part)
    items = format_html_join(
        "\n", '<p style="margin:0 0 12px"><span style="color:#66757c">{}</span><br>{}</p>', (
            (at, format_html('<a href="{}" style="color:#0f5c75">{}</a>', link, title) if link else title)
            for at, title, link in lines
        )
    )  # fmt: skip
    body = items + format_html("<p>{}</p>", more) if more else items
    body += rendering.button_to_list(house, gettext("All notifications"))
    return rendering.Letter(subject, text, wording.page(subject, body, language=language, foot=foot))
