"""Reads of API keys and answered requests."""

import hashlib
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock, failed_jobs, stamped, wellbeing
from onepoint.core.compiled import Compiled
from onepoint.core.failed_jobs import FailedJob
from onepoint.core.models import SlowStatement
from onepoint.core.wellbeing import Condition
from onepoint.integrations.models import AnsweredRequest, ApiKey


def digest_of(secret: str) -> str:
    """What is kept of a secret; it is random enough (256 bits) to need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def api_keys(*, visible_to: User) -> QuerySet[ApiKey]:
    """Keys of the people somebody looks after, with those people."""
    scope = scope_of(visible_to, "apikey.manage").by_unit_and_region("person__unit", "person__unit__region")
    return ApiKey.objects.filter(scope).select_related("person__unit", "created_by")


def find_api_key(pk: int, *, visible_to: User) -> ApiKey | None:
    return api_keys(visible_to=visible_to).filter(pk=pk).first()


def usable_key(secret: str) -> ApiKey | None:
    """The key a caller shows, with the person it acts as, who may use what the process keeps; one short read."""
    key: Any = _KEY.first(digest_of(secret), clock.now())
    if key is not None:
        key.person.stamps = stamped.as_stamps(key.stamps)
    return key


def _keys(digest: str, now: datetime) -> QuerySet[ApiKey]:
    keys = ApiKey.objects.usable(now).select_related("person__unit__region").filter(digest=digest).order_by()
    return keys.annotate(stamps=RawSQL(stamped.STAMPS, (), output_field=TextField()))  # noqa: S611 - a constant


_KEY = Compiled("usable_key", _keys)


def answer_to(api_key: ApiKey, key: str) -> AnsweredRequest | None:
    """What was answered to this idempotency key before."""
    return _ANSWER.first(api_key.pk, key)


_ANSWER = Compiled("answered_request", lambda owner, key: AnsweredRequest.objects.filter(api_key=owner, key=key))


def condition() -> Condition:
    """How the house stands at this moment."""
    return wellbeing.condition()


def slow_statements() -> QuerySet[SlowStatement]:
    """What took long, added up by page; without the values that were asked for."""
    return SlowStatement.objects.all()


def jobs_given_up() -> list[FailedJob]:
    """The newest jobs that failed for good and wait for a person."""
    return failed_jobs.failed_jobs()


def find_job_given_up(pk: int) -> FailedJob | None:
    return next(iter(failed_jobs.failed_jobs(pk)), None)
