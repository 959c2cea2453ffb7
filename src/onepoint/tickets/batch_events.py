"""What is told of batches and of mass incidents, with the delivered texts."""

from django.utils.translation import gettext_lazy as _

from onepoint.notifications.registry import Event, Variable, register_event, register_group

ENDED = "batch.ended"
RESOLVED = "mass_incident.resolved"


def register() -> None:
    """Called when the house starts."""
    register_group("batches", _("Batches and mass incidents"), 40)
    register_event(
        Event(
            name=ENDED,
            label=_("A batch you started has ended"),
            group="batches",
            variables=(
                Variable("what", _("What is done"), _("Add a tag")),
                Variable("count", _("Tickets done"), "120"),
                Variable("left", _("Tickets not done"), "3"),
            ),
            text={
                "zh-hans": (
                    "批量操作完成：{what}",
                    "批量操作“{what}”已完成：成功 {count} 件，未成功 {left} 件。{link}",
                ),
                "en": ("Batch ended: {what}", "The batch “{what}” has ended: {count} done, {left} not. {link}"),
            },
        )
    )
    register_event(
        Event(
            name=RESOLVED,
            label=_("A mass incident is resolved; its customers wait for the answer"),
            group="batches",
            variables=(Variable("number", _("Number"), "MI20261122000001"), Variable("title", _("Title"), "…")),
            ways=("app", "email"),
            text={
                "zh-hans": (
                    "群诉已解决，请答复客户：{number}",
                    "群诉 {number}“{title}”的主工单已解决，请填写统一答复并批量回复客户。{link}",
                ),
                "en": (
                    "Resolved, customers wait for the answer: {number}",
                    "The lead ticket of {number} “{title}” is resolved. Please write the answer to its customers. {link}",
                ),
            },
        )
    )
