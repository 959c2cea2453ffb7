"""News of the customer record, for capabilities above."""

from django.dispatch import Signal

customer_created = Signal()  # customer, by
customer_changed = Signal()  # customer, by, changes: set of field names ("accounts", "assets", "contact_persons" too)
customers_merged = Signal()  # merge, by
customers_parted = Signal()  # merge (undone), by
erasure_asked = Signal()  # erasure
erasure_decided = Signal()  # erasure, by
