"""Jobs of the customer record."""

from procrastinate.contrib.django import app

from onepoint.customers import services


@app.periodic(cron="* * * * *")
# One at a time: after a large import each takes longer than the minute, and together they would leave no place for others.
@app.task(
    name="customers.compare_customers",
    queueing_lock="customers.compare_customers",
    lock="customers.compare_customers",
)
def compare_customers(timestamp: int) -> None:
    """Look for duplicates among the records changed lately."""
    services.compare_all(by=None)


@app.task(name="customers.move_latecomers")
def move_latecomers(merge: int) -> None:
    """What was attached to a record while it was being merged follows it."""
    services.move_latecomers(merge, by=None)


@app.task(name="customers.erase_customer")
def erase_customer(erasure: int) -> None:
    """Erase a customer, batch by batch."""
    services.run_erasure(erasure, by=None)


@app.periodic(cron="*/10 * * * *")
@app.task(name="customers.resume_erasures", queueing_lock="customers.resume_erasures")
def resume_erasures(timestamp: int) -> None:
    """Erasures whose worker was killed."""
    services.resume_erasures(by=None)


@app.periodic(cron="3 18 * * *")  # at night in China, before the clean-up of stored files
@app.task(name="customers.remove_past_files", queueing_lock="customers.remove_past_files")
def remove_past_files(timestamp: int) -> None:
    """Files that have been kept as long as the rules say."""
    services.remove_past_files(by=None)


@app.task(name="customers.run_import")
def run_import(source: int) -> None:
    """Bring the rows of a file in, or rehearse it."""
    services.run_import(source, by=None)
