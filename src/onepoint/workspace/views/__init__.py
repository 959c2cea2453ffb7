"""The desk, the search over everything, the intake."""
