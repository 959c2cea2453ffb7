"""Pages of regulators and their cases."""
