"""Customers from files: what a file is, what its columns mean, and how a row becomes a customer."""
