"""Writes of API keys and of the memory of answered requests."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock, failed_jobs, rest, wellbeing
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.failed_jobs import FailedJob
from onepoint.core.prepared import Insert, Statement
from onepoint.core.text import clean
from onepoint.integrations import policies
from onepoint.integrations.models import AnsweredRequest, ApiKey
from onepoint.integrations.queries import digest_of

#: A repeated request is recognised this long.
MEMORY = timedelta(hours=48)
_USED_AT_PRECISION = timedelta(minutes=1)


@transaction.atomic
def create_api_key(
    *,
    name: str,
    person: User,
    scopes: Iterable[str],
    by: User | None,
    expires_at: datetime | None = None,
    requests_per_minute: int = 600,
) -> tuple[ApiKey, str]:
    """Make a key that acts as ``person``; the second value is the secret, which is kept nowhere.

    Raises NotPermitted, OutsideYourScope, PersonLocked and InvalidInput.
    """
    require(policies.why_not_make_key(person, by))
    chosen = sorted(set(scopes))
    errors: dict[str, str] = {}
    if not clean(name):
        errors["name"] = _("Please give the key a name.")
    if not chosen or not set(chosen) <= set(rest.scopes()):
        errors["scopes"] = _("Please choose what the key may do.")
    if expires_at is not None and expires_at <= clock.now():
        errors["expires_at"] = _("This moment has passed.")
    if not 1 <= requests_per_minute <= 100_000:
        errors["requests_per_minute"] = _("Please enter a number from 1 to 100,000.")
    if errors:
        raise InvalidInput(errors)
    secret = f"op_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=clean(name)[:80], prefix=secret[:10], digest=digest_of(secret), person=person, scopes=chosen,
        requests_per_minute=requests_per_minute, created_at=clock.now(), created_by=by, expires_at=expires_at,
    )  # fmt: skip
    audit.record(
        "apikey.created", by=by, subject_type="apikey", subject_id=key.pk,
        name=key.name, person=person.name, scopes=chosen,
    )  # fmt: skip
    return key, secret


@transaction.atomic
def revoke_api_key(key: ApiKey, *, by: User | None) -> None:
    """Let a key do nothing from now on. Raises NotPermitted, OutsideYourScope, KeyNotUsable, SomebodyWasFaster."""
    require(policies.why_not_revoke_key(key, by))
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        raise SomebodyWasFaster
    audit.record("apikey.revoked", by=by, subject_type="apikey", subject_id=key.pk, name=key.name)


def note_use(key: ApiKey, *, by: User) -> None:
    """Remember when a key was last used, to the minute, so that most requests write nothing. Not journaled."""
    now = clock.now()
    if key.used_at is None or now - key.used_at >= _USED_AT_PRECISION:
        ApiKey.objects.filter(pk=key.pk).update(used_at=now)


_HOLD = Statement("hold_request", "SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0))")
_NEW_ANSWER = Insert(AnsweredRequest)


def hold_request(key: ApiKey, idempotency_key: str, *, by: User) -> bool:
    """Keep a repetition of a request out until the transaction ends; False while another one holds it."""
    ((is_ours,),) = _HOLD.rows(f"api:{key.pk}:{idempotency_key}")
    return bool(is_ours)


def remember_answer(
    key: ApiKey, idempotency_key: str, *, fingerprint: str, status: int, headers: Mapping[str, str], body: str, by: User
) -> None:
    """Keep an answer in the transaction of the request it answers. Not journaled; what the request did is."""
    answer = AnsweredRequest(
        api_key=key, key=idempotency_key, fingerprint=fingerprint, status=status, headers=dict(headers), body=body,
        answered_at=clock.now(),
    )  # fmt: skip
    _NEW_ANSWER.save(answer)


def forget_old_answers(*, by: None = None) -> int:
    """Forget answers older than ``MEMORY``; returns how many."""
    count, _kinds = AnsweredRequest.objects.filter(answered_at__lt=clock.now() - MEMORY).delete()
    return count


@transaction.atomic
def forget_slow_statements(*, by: User | None) -> int:
    """Begin anew to count what is slow. Raises NotPermitted."""
    require(policies.why_not_watch_house(by))
    count = wellbeing.forget_slow_statements()
    audit.record("house.slow_statements_forgotten", by=by, subject_type="house", subject_id=0, count=count)
    return count


@transaction.atomic
def retry_job(job: FailedJob, *, by: User | None) -> None:
    """Let a worker try a job once more that was given up. Raises NotPermitted, SomebodyWasFaster."""
    require(policies.why_not_watch_house(by))
    if not failed_jobs.begin_again(job.pk):
        raise SomebodyWasFaster
    _note_job("house.job_retried", job, by)


@transaction.atomic
def skip_job(job: FailedJob, *, by: User | None) -> None:
    """Never do a job that was given up. Raises NotPermitted, SomebodyWasFaster."""
    require(policies.why_not_watch_house(by))
    if not failed_jobs.forget_failed_job(job.pk):
        raise SomebodyWasFaster
    _note_job("house.job_skipped", job, by)


def _note_job(verb: str, job: FailedJob, by: User | None) -> None:
    audit.record(
        verb, by=by, subject_type="house", subject_id=0, job=job.pk, task=job.task, arguments=job.arguments
    )  # fmt: skip
