"""Why something about cases, meetings, training and expert levels may not be done: each returns the refusal or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.quality.inspection_states import MeetingState, TrainingState
from onepoint.quality.models import CaseMeeting, Training


class MeetingHeld(BusinessError):
    """What was concluded is not rewritten."""

    code = "meeting_held"
    message = _("This meeting has been held.")


class TrainingOver(BusinessError):
    """Done or dropped."""

    code = "training_over"
    message = _("This training is over (%(state)s).")


class LevelMissing(BusinessError):
    """The ladder keeps this work for those who have climbed high enough."""

    code = "expert_level_missing"
    message = _("This work asks for the expert level %(level)s; %(person)s does not have it yet.")
    status = 403


class OwnLevel(BusinessError):
    """Nobody lifts himself."""

    code = "own_level"
    message = _("Nobody confirms his own level.")


def why_not_see_cases(by: User | None) -> BusinessError | None:
    """The permission ``coaching.view`` or ``coaching.manage``."""
    refusal = why_not_permitted("coaching.view", by)
    return refusal and why_not_coach(by)


def why_not_coach(by: User | None) -> BusinessError | None:
    """The permission ``coaching.manage``: cases, meetings, training, the ladder."""
    return why_not_permitted("coaching.manage", by)


def why_not_coach_unit(unit: OrgUnit | None, by: User | None) -> BusinessError | None:
    """The permission, and its scope: the unit whose people are coached."""
    if by is None:
        return None
    if refusal := why_not_coach(by):
        return refusal
    scope = scope_of(by, "coaching.manage").without_levels()
    within = scope.reaches(unit_id=unit.pk if unit else None, region_id=unit.region_id if unit else None)
    return None if within else NotPermitted()


def why_not_change_meeting(meeting: CaseMeeting, by: User | None) -> BusinessError | None:
    """By whoever leads it, or with the right over its unit; before it was held."""
    if meeting.state == MeetingState.HELD:
        return MeetingHeld()
    return None if by is not None and meeting.leader_id == by.pk else why_not_coach_unit(meeting.unit, by)


def why_not_finish_training(training: Training, by: User | None) -> BusinessError | None:
    """By the person or with the right over the unit, while it is planned."""
    if training.state != TrainingState.PLANNED:
        return TrainingOver(state=training.get_state_display())
    return None if by is not None and training.person_id == by.pk else why_not_coach_unit(training.unit, by)


def why_not_drop_training(training: Training, by: User | None) -> BusinessError | None:
    """With the right over the unit, while it is planned."""
    if training.state != TrainingState.PLANNED:
        return TrainingOver(state=training.get_state_display())
    return why_not_coach_unit(training.unit, by)


def why_not_give_level(person: User, by: User | None) -> BusinessError | None:
    """With the right over the person's unit, never to oneself."""
    if by is not None and person.pk == by.pk:
        return OwnLevel()
    return why_not_coach_unit(person.unit, by)
