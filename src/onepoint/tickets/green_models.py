"""The rules of green channels; ``models`` shows them as its own."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.levels import level_choices
from onepoint.accounts.models import Named, OrgUnit
from onepoint.channels.states import Channel
from onepoint.customers.states import AttentionKind

_CODE = models.CharField(max_length=40)


class GreenChannel(Named):
    """Whoever meets its conditions skips queues and gets tighter limits (spec §4). An empty condition is met by everybody."""

    levels = ArrayField(_CODE, default=list, blank=True, verbose_name=_("Customer levels"))
    attention_kinds = ArrayField(_CODE, default=list, blank=True, verbose_name=_("On the attention list as"))
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Unit and below")
    )
    category = models.ForeignKey(
        "tickets.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Category and below"),
    )
    channels = ArrayField(_CODE, default=list, blank=True, verbose_name=_("Channels"))
    valid_from = models.DateField(_("From date"), null=True, blank=True)
    valid_to = models.DateField(_("To date"), null=True, blank=True)  # the last day counts
    priority = models.PositiveSmallIntegerField(
        _("Priority in queues"), default=5, validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("1 to 9; of several green channels the highest counts."),
    )  # fmt: skip
    raises_urgency = models.BooleanField(_("Its tickets are urgent"), default=True)
    tag = models.ForeignKey(
        "tickets.Tag", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Tag of its tickets"),
        help_text=_("Rules for limits that ask for this tag make the limits tighter."),
    )  # fmt: skip
    is_active = models.BooleanField(_("In use"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Green channel")
        verbose_name_plural = _("Green channels")
        ordering = ["-priority", "pk"]

    def get_absolute_url(self) -> str:
        return reverse("green-channel-detail", args=[self.pk])

    @property
    def spoken_conditions(self) -> list[str]:
        """What it asks for, in words."""
        levels = dict(level_choices())
        words = [levels.get(code, code) for code in self.levels]
        words += [str(AttentionKind(kind).label) for kind in self.attention_kinds if kind in AttentionKind.values]
        words += [node.label for node in (self.unit, self.category) if node]
        return words + [str(Channel(code).label) for code in self.channels if code in Channel.values]

    @property
    def conditions(self) -> int:
        """How many it names."""
        named = (self.levels, self.attention_kinds, self.unit_id, self.category_id, self.channels)
        return sum(bool(one) for one in named)
