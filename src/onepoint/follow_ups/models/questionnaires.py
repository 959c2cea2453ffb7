"""Tables of questionnaires."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, User
from onepoint.follow_ups.states import VersionState
from onepoint.tickets.states import TicketKind


def labels_of(choices: type[models.TextChoices], values: Iterable[str]) -> str:
    """Chosen values in the language being shown."""
    return str(_(", ")).join(str(choices(value).label) for value in values if value in choices.values)


class Questionnaire(Named):
    """What is asked at a return visit; each change is a new version, and visits keep theirs."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=TicketKind.choices), default=list, blank=True,
        verbose_name=_("Kinds of ticket"),
    )  # fmt: skip
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Questionnaire")
        verbose_name_plural = _("Questionnaires")
        ordering = ["code"]

    @property
    def kinds_in_words(self) -> str:
        return labels_of(TicketKind, self.kinds)


class QuestionnaireVersion(models.Model):
    """One state of a questionnaire: its words and questions (see ``follow_ups.questions``); published, it never changes."""

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField(_("Version"))
    state = models.CharField(
        _("State"), max_length=10, choices=VersionState.choices, default=VersionState.DRAFT
    )  # fmt: skip
    schema = models.JSONField(_("Questions"), default=dict)
    made_at = models.DateTimeField(_("Made"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    published_at = models.DateTimeField(_("Published at"), null=True)
    lock_version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Version of a questionnaire")
        verbose_name_plural = _("Versions of questionnaires")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="questionnaire_version_once"),
            models.UniqueConstraint(
                fields=["questionnaire"], condition=Q(state=VersionState.DRAFT.value), name="questionnaire_one_draft"
            ),
        ]

    @property
    def is_draft(self) -> bool:
        return self.state == VersionState.DRAFT
