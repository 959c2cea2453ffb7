"""Pages of the customer record."""
