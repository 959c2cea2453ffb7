"""Onepoint (一点通): customer complaints and service work orders, from the first word to the customer's "settled"."""
