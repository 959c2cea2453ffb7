"""Forms of the pages of time."""
