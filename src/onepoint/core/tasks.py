"""Housekeeping of the job queue itself."""

import logging

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

log = logging.getLogger(__name__)

STALLED_AFTER_SECONDS = 60  # without a heartbeat of its worker, which sends one every ten
MOST_ATTEMPTS = 5  # a job that kills its worker this often is given up
KEEP_HOURS = 7 * 24


@app.periodic(cron="* * * * *")
@app.task(name="core.rescue_stalled_jobs", queueing_lock="core.rescue_stalled_jobs", pass_context=False)
async def rescue_stalled_jobs(timestamp: int) -> None:
    """Give the jobs of a worker that was killed to another one; give up those that keep killing theirs."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        if job.attempts >= MOST_ATTEMPTS:
            log.error("job %s (%s) was lost %s times and is given up", job.id, job.task_name, job.attempts)
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            continue
        log.warning("job %s (%s) lost its worker and is started again", job.id, job.task_name)
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # by its queueing lock: the same work already waits a second time
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)


@app.periodic(cron="17 19 * * *")  # at night in China
@app.task(name="core.remove_old_jobs", queueing_lock="core.remove_old_jobs", pass_context=False)
async def remove_old_jobs(timestamp: int) -> None:
    """Finished jobs older than a week go, so that the table stays as large as what is alive."""
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_HOURS, include_failed=False, include_cancelled=True, include_aborted=True
    )
