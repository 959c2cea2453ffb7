"""The worker's side of service tasks: call the handler once per visit, try again, or raise an incident."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from onepoint.accounts.models import User
from onepoint.core import clock, jobs
from onepoint.core.text import clean
from onepoint.workflow import kernel, registry
from onepoint.workflow.engine.events import ServiceDone, ServiceFailed
from onepoint.workflow.kernel import Notes
from onepoint.workflow.models import ServiceCall
from onepoint.workflow.states import CallStatus

ATTEMPTS = 3
WAIT_BEFORE_RETRY = (timedelta(seconds=10), timedelta(minutes=1))


class HandlerFailed(Exception):
    """A handler's expected failure: no further attempt is made. ``error_code`` throws that BPMN error."""

    def __init__(self, message: str, error_code: str | None = None) -> None:
        super().__init__(message)
        self.error_code = error_code


def run_service_call(call_id: int, *, by: User | None = None) -> None:
    """Call the handler of one service call and let the process go on with what it returns.

    Harmless when repeated: a call that is no longer pending does nothing. The attempt is counted before the handler
    runs, so one that kills its worker runs out of attempts too.
    """
    counted = ServiceCall.objects.filter(pk=call_id, status=CallStatus.PENDING).update(attempts=F("attempts") + 1)
    if not counted:
        return
    call = ServiceCall.objects.select_related("instance").get(pk=call_id)
    if call.attempts > ATTEMPTS:
        _fail(call, call.last_error or "the worker stopped during every attempt", None, by)
        return
    handler = registry.handler_named(call.handler)
    if handler is None:
        _fail(call, f"no handler is registered as {call.handler}", None, by)
        return
    try:
        answer = handler(call.instance, dict(call.variables)) or {}
    except HandlerFailed as failure:
        _fail(call, clean(str(failure)), failure.error_code, by)
    except Exception as error:  # whatever a handler raises must not lose the step
        _try_again(call, clean(f"{type(error).__name__}: {error}"), by)
    else:
        _succeed(call, answer, by)


def _try_again(call: ServiceCall, error: str, by: User | None) -> None:
    if call.attempts >= ATTEMPTS:
        _fail(call, error, None, by)
        return
    with transaction.atomic():
        ServiceCall.objects.filter(pk=call.pk).update(last_error=error[:2000])
        later = clock.now() + WAIT_BEFORE_RETRY[min(call.attempts, len(WAIT_BEFORE_RETRY)) - 1]
        jobs.defer("workflow.run_service_call", lock=f"process-{call.instance_id}", at=later, call=call.pk)


@transaction.atomic
def _succeed(call: ServiceCall, answer: Mapping[str, Any], by: User | None) -> None:
    loaded = kernel.load(instance_id=call.instance_id)
    if loaded is None or not _is_pending(call):
        return
    notes = Notes(calls_ended=[{"visit_seq": call.visit_seq, "status": CallStatus.DONE, "error": ""}])
    kernel.perform(loaded, ServiceDone(call.visit_seq, dict(answer)), by=by, notes=notes)


@transaction.atomic
def _fail(call: ServiceCall, error: str, error_code: str | None, by: User | None) -> None:
    loaded = kernel.load(instance_id=call.instance_id)
    if loaded is None or not _is_pending(call):
        return
    ended = {"visit_seq": call.visit_seq, "status": CallStatus.FAILED, "error": error[:2000]}
    event = ServiceFailed(call.visit_seq, error[:2000], error_code)
    kernel.perform(loaded, event, by=by, notes=Notes(calls_ended=[ended]))


def _is_pending(call: ServiceCall) -> bool:
    """Asked again under the instance's lock: the visit may have been left, or another worker may have been first."""
    return ServiceCall.objects.filter(pk=call.pk, status=CallStatus.PENDING).exists()
