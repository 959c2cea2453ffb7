"""Template tags of the contact journal, the outbox and the gateways."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from onepoint.channels.models import Contact, DeliveryAttempt, Gateway, IncomingScan, IncomingText, OutgoingMessage
from onepoint.channels.services.gateways import kinds
from onepoint.channels.states import AttemptResult, ContactOutcome, MessageState, ScanState, TextState
from onepoint.core.templatetags.ui import badge, url_if_any

register = template.Library()

_TONES = {ContactOutcome.SOLVED: "good", ContactOutcome.TICKET: "accent", ContactOutcome.OPEN: "warn"}
_MESSAGE_TONES = {
    MessageState.RETRY: "warn", MessageState.SENDING: "accent", MessageState.SENT: "good", MessageState.DELIVERED: "good",
    MessageState.DEAD: "bad", MessageState.CANCELLED: "muted", MessageState.EXPIRED: "muted",
}  # fmt: skip
_RESULT_TONES = {
    AttemptResult.TAKEN: "good", AttemptResult.DELAYED: "warn", AttemptResult.TEMPORARY: "warn",
    AttemptResult.PERMANENT: "bad", AttemptResult.LOST: "bad",
}  # fmt: skip
_SCAN_TONES = {
    ScanState.WAITING: "warn", ScanState.CLAIMED: "accent", ScanState.TAKEN_IN: "good", ScanState.SET_ASIDE: "muted",
    ScanState.REFUSED: "bad",
}  # fmt: skip
_TEXT_TONES = {TextState.FILED: "good", TextState.READ: "good", TextState.UNMATCHED: "warn", TextState.IGNORED: "muted"}


@register.simple_tag
def outcome(contact: Contact) -> SafeString:
    """How the contact ended."""
    return badge(contact.get_outcome_display(), _TONES.get(ContactOutcome(contact.outcome), ""))


@register.simple_tag
def ticket_numbers(numbers: Iterable[str], open_tickets: Collection[str]) -> SafeString:
    """The numbers of tickets: a way to those the reader may open, plain words for the others."""
    return format_html_join(" ", "{}", ((_ticket_number(number, open_tickets),) for number in numbers if number))


def _ticket_number(number: str, open_tickets: Collection[str]) -> SafeString:
    address = url_if_any("ticket-detail", number) if number in open_tickets else ""
    if address:
        return format_html('<a class="num" href="{}">{}</a>', address, number)
    return format_html(
        '<span class="num soft" title="{}">{}</span>', _("Your rights do not reach this ticket."), number
    )


@register.simple_tag
def message_state(message: OutgoingMessage) -> SafeString:
    """How far a message is."""
    return badge(message.get_state_display(), _MESSAGE_TONES.get(MessageState(message.state), ""))


@register.simple_tag
def attempt_result(attempt: DeliveryAttempt) -> SafeString:
    """How one attempt ended."""
    return badge(attempt.get_result_display(), _RESULT_TONES[AttemptResult(attempt.result)])


@register.simple_tag
def gateway_state(gateway: Gateway) -> SafeString:
    """Whether it sends."""
    if not gateway.is_active:
        return badge(_("Off"), "muted")
    if getattr(gateway, "interrupted", None):
        return badge(_("Interrupted"), "warn")
    return badge(_("On"), "good")


@register.simple_tag
def text_state(text: IncomingText) -> SafeString:
    """What became of a short message that came in."""
    return badge(text.get_state_display(), _TEXT_TONES.get(TextState(text.state), ""))


@register.simple_tag
def scan_state(scan: IncomingScan) -> SafeString:
    """How far a fax or letter is."""
    return badge(scan.get_state_display(), _SCAN_TONES.get(ScanState(scan.state), ""))


@register.simple_tag
def text_bar() -> SafeString:
    """What can be done with the ticked short messages."""
    return mark_safe(render_to_string("channels/text_bar.html"))


@register.simple_tag
def dead_letter_bar() -> SafeString:
    """What can be done with the ticked messages."""
    return mark_safe(render_to_string("channels/dead_letter_bar.html"))


@register.filter
def milliseconds(duration: timedelta | None) -> str:
    """How long something short took."""
    return "—" if duration is None else f"{duration.total_seconds() * 1000:.0f} ms"


@register.filter
def shown_settings(gateway: Gateway) -> list[tuple[str, Any]]:
    """The settings as label and value, without secrets."""
    found: list[tuple[str, Any]] = []
    for setting in kinds()[gateway.provider].settings:
        if setting.kind == "secret":
            continue
        value = gateway.settings.get(setting.name, setting.default)
        if setting.kind == "choice":
            value = dict(setting.choices).get(value, value)
        elif setting.kind == "bool":
            value = _("yes") if value else _("no")
        found.append((str(setting.label), value))
    return found
