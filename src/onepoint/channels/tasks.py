"""Filing of short messages, and housekeeping of the outbox; sending itself is not a job (see ``channels.sender``)."""

from procrastinate.contrib.django import app

from onepoint.channels import services
from onepoint.channels.services import mails
from onepoint.core import ending


@app.periodic(cron="53 18 * * *")  # at night in China
@app.task(name="channels.forget_old_messages", queueing_lock="channels.forget_old_messages", pass_context=False)
def forget_old_messages(timestamp: int) -> None:
    """Messages that found their end long ago, and receipts of messages nobody knows."""
    while not ending.is_ending() and services.forget_old_messages(by=None):
        pass
    while not ending.is_ending() and services.forget_old_texts(by=None):
        pass


@app.periodic(cron="* * * * *")  # makes good a start that a crash swallowed
@app.task(name="channels.file_mails", queueing_lock="channels.file_mails", pass_context=False)
def file_mails(timestamp: int = 0) -> None:
    """Mails that came in are read and find their tickets."""
    mails.file_mails(by=None)


@app.task(name="channels.file_texts")
def file_texts() -> None:
    """Short messages that came in find their tickets."""
    services.file_texts(by=None)


@app.periodic(cron="20 16 * * *")  # after midnight in China
@app.task(name="channels.close_counter_days", queueing_lock="channels.close_counter_days", pass_context=False)
def close_counter_days(timestamp: int) -> None:
    """Numbers of former days are over; whose they were is forgotten after some weeks."""
    while not ending.is_ending() and services.close_counter_days(by=None):
        pass


@app.task(name="channels.take_in_scans")
def take_in_scans() -> None:
    """Files in watched folders become faxes and letters."""
    while not ending.is_ending() and services.take_in_folders(by=None):
        pass
