"""Housekeeping: the job queue itself, exports, and what people left behind."""

import os
import threading

from django.db import connection
from procrastinate.contrib.django import app

from onepoint.core import drafts, exporting, journal_months, presence, rescuing, staging, storage_cleaning, throttling

KEEP_HOURS = 7 * 24


@app.task(name="core.rescue_stalled_jobs", pass_context=False)
def rescue_stalled_jobs(timestamp: int) -> None:
    """What workers of an older release queue every minute; ours look by themselves."""
    rescuing.rescue_stalled_jobs()


@app.periodic(cron="17 19 * * *")  # at night in China
@app.task(name="core.remove_old_jobs", queueing_lock="core.remove_old_jobs", pass_context=False)
async def remove_old_jobs(timestamp: int) -> None:
    """Finished jobs older than a week go, so that the table stays as large as what is alive."""
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_HOURS, include_failed=False, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="7 */6 * * *")
@app.task(name="core.prepare_months", queueing_lock="core.prepare_months", pass_context=False)
def prepare_months(timestamp: int) -> None:
    """The journal's months to come; several times a day, because a busy journal may refuse."""
    journal_months.prepare_months()


@app.task(name="core.write_export")
def write_export(export_id: int) -> None:
    """Write a list to a file, behind everything else the machine has to do."""
    problems: list[BaseException] = []

    def write() -> None:
        try:
            if hasattr(os, "setpriority"):  # of this thread alone (Linux)
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
            exporting.write_export(export_id)
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    # A thread of its own, because a lowered priority could not be raised again for the next job.
    thread = threading.Thread(target=write, name=f"export-{export_id}")
    thread.start()
    thread.join()
    if problems:
        raise problems[0]


@app.periodic(cron="23 * * * *")
@app.task(name="core.remove_expired_exports", queueing_lock="core.remove_expired_exports", pass_context=False)
def remove_expired_exports(timestamp: int) -> None:
    """Files of exports are kept for some days."""
    exporting.remove_expired_exports()


@app.periodic(cron="*/10 * * * *")
@app.task(name="core.forget_the_gone", queueing_lock="core.forget_the_gone", pass_context=False)
def forget_the_gone(timestamp: int) -> None:
    """Rows of people who closed a page without saying so."""
    presence.forget_the_gone()


@app.periodic(cron="*/15 * * * *")
@app.task(name="core.forget_old_tries", queueing_lock="core.forget_old_tries", pass_context=False)
def forget_old_tries(timestamp: int) -> None:
    """Windows of counting that have ended."""
    throttling.forget_old_tries()


@app.periodic(cron="41 18 * * *")  # at night in China
@app.task(name="core.clean_up_files", queueing_lock="core.clean_up_files", pass_context=False)
def clean_up_files(timestamp: int) -> None:
    """Old drafts, files of forms nobody sent, and stored files that belong to nothing."""
    drafts.forget_old_drafts()
    staging.forget_old_staged_files()
    storage_cleaning.remove_unowned_files()
