"""Refusals of workflow."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import BusinessError, InvalidInput


class TaskAlreadyClaimed(BusinessError):
    """Somebody else took the task first."""

    code = "task_already_claimed"
    message = _("%(winner)s has already claimed this task.")


class TaskAlreadyDone(BusinessError):
    """The task is no longer waiting for anybody."""

    code = "task_already_done"
    message = _("This step is already finished or was taken back.")


class TaskNotClaimed(BusinessError):
    """Only a claimed task can be put back."""

    code = "task_not_claimed"
    message = _("Nobody has claimed this task.")


class TaskNotYours(BusinessError):
    """The task waits for other people."""

    code = "task_not_yours"
    message = _("This task is not assigned to you and you are not among its candidates.")
    status = 403


class BarredFromStep(BusinessError):
    """The drawing keeps this person from the step: he is concerned, or has judged the matter before."""

    code = "barred_from_step"
    message = _("%(person)s is concerned in this matter, or has decided on it before; this step is for somebody else.")
    status = 403


class ActionNotOffered(BusinessError):
    """The step's drawing does not allow this action."""

    code = "action_not_offered"
    message = _("This step does not allow this action.")


class OutcomeUnknown(InvalidInput):
    """The step has no such outcome."""

    code = "outcome_unknown"
    message = _("This step has no such choice.")


class ReasonMissing(InvalidInput):
    """The action needs a written reason."""

    code = "reason_missing"
    message = _("Please give a reason.")


class NoEarlierStep(BusinessError):
    """Nobody has handled anything before this step."""

    code = "no_earlier_step"
    message = _("There is no earlier step to send this back to.")


class NotAnEarlierStep(BusinessError):
    """The chosen step is not one this task came from."""

    code = "not_an_earlier_step"
    message = _("This task did not come from the chosen step.")


class AlreadyTouched(BusinessError):
    """Somebody has begun to work on what was sent, so it can no longer be taken back."""

    code = "already_touched"
    message = _("The next person has already begun; it can no longer be taken back.")


class NotDoneByYou(BusinessError):
    """Only the person who finished a step can take it back."""

    code = "not_done_by_you"
    message = _("Only the person who finished this step can take it back.")
    status = 403


class ProcessOver(BusinessError):
    """The instance has ended."""

    code = "process_over"
    message = _("This process has already ended.")


class ProcessSuspended(BusinessError):
    """Nobody works on a suspended process."""

    code = "process_suspended"
    message = _("This process is suspended; it has to be resumed first.")


class ProcessNotSuspended(BusinessError):
    """Only a suspended process can be resumed."""

    code = "process_not_suspended"
    message = _("This process is not suspended.")


class ProcessNotOver(BusinessError):
    """Only an ended process can be reopened."""

    code = "process_not_over"
    message = _("This process is still running.")


class NobodyChosen(InvalidInput):
    """The action needs at least one person."""

    code = "nobody_chosen"
    message = _("Please choose at least one person.")


class SignersMixed(BusinessError):
    """Signers of one task are all heard before, all beside, or all after its holder."""

    code = "signers_mixed"
    message = _("Other signers have already been added in another way; wait until they have signed.")


class AlreadyAsked(BusinessError):
    """The person is the holder, or has already been added."""

    code = "already_asked"
    message = _("%(person)s has already been asked here.")


class StillDelegated(BusinessError):
    """A delegated task goes back to its owner before anything else."""

    code = "still_delegated"
    message = _("This task was delegated to you; it can only be handed back or passed on.")


class JumpUnsound(BusinessError):
    """The process could not come to its end after such a move."""

    code = "jump_unsound"
    message = _("The process cannot be moved like this: %(problems)s")


class MoveRefused(InvalidInput):
    """A mapping of steps cannot be used for any instance."""

    code = "move_refused"
    message = _("The steps cannot be mapped like this.")


#: What people may meet of the engine's refusals; the other codes are faults of a caller and stay in its words.
ENGINE_SENTENCES = {
    "siblings_at_work": _("other departments are still working beside this one."),
    "straight_not_possible": _("coming straight back is not possible from there, because other steps are under way."),
    "visit_undone": _("that step has itself been taken back; choose a later one."),
    "visit_still_alive": _("that step is still waiting."),
    "visit_has_incident": _("the step is stuck; the cause must be mended first."),
    "not_earlier": _("this task did not come from that step."),
    "not_a_step": _("that is not a step one can return to."),
    "unknown_element": _("there is no such step in the drawing."),
    "ambiguous_scope": _("this part of the drawing is open several times; it is not clear which one is meant."),
    "visit_not_alive": _("nothing waits there any more."),
    "instance_not_alive": _("the process has ended."),
    "instance_alive": _("the process is still running."),
}


class NotPossibleHere(BusinessError):
    """The engine's rules do not allow the move in this state; ``reason`` says which one."""

    code = "not_possible_here"
    message = _("The process does not allow this here: %(reason)s")


class PersonUnavailable(BusinessError):
    """The person may not log in and so cannot be given work."""

    code = "person_unavailable"
    message = _("%(person)s no longer works here.")


class NothingToRetry(BusinessError):
    """The incident is already resolved."""

    code = "nothing_to_retry"
    message = _("This incident is already resolved.")


class ProcessRefused(InvalidInput):
    """A BPMN file cannot be used; ``problems`` lists what and where."""

    code = "process_refused"
    message = _("This process file cannot be used.")

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__({str(number): problem for number, problem in enumerate(problems, 1)})


class NoPublishedProcess(BusinessError):
    """No version of the process has been published."""

    code = "no_published_process"
    message = _("No version of the process “%(key)s” is published.")


class VersionNotDraft(BusinessError):
    """Only a draft can be published."""

    code = "version_not_draft"
    message = _("Only a draft can be published.")


class DraftChanged(BusinessError):
    """Somebody else saved the draft after one opened it; ``revision`` is what stands there now (0: no draft)."""

    code = "draft_changed"
    message = _("%(person)s has changed this drawing in the meantime.")


class NothingChanged(BusinessError):
    """The draft equals the version in force."""

    code = "nothing_changed"
    message = _("Nothing has changed since the published version.")


class NoDraft(BusinessError):
    """There is no draft to give up, or nothing else to fall back to."""

    code = "no_draft"
    message = _("There is no draft that could be given up.")


class NoSuchSubject(BusinessError):
    """No ticket bears the number, or it lies outside the person's scope."""

    code = "no_such_subject"
    message = _("There is no ticket %(number)s that you may see.")
    status = 404


class TableRefused(ProcessRefused):
    """A decision table cannot be used; ``problems`` lists what and where."""

    code = "table_refused"
    message = _("This decision table cannot be used.")


class RemindedLately(BusinessError):
    """The same person has urged the same matter a moment ago."""

    code = "reminded_lately"
    message = _("You have just urged this. You can do so again in %(minutes)s minutes.")


class NothingOwed(BusinessError):
    """The reminder asked for no answer, or has been answered."""

    code = "nothing_owed"
    message = _("This reminder has been answered already.")
