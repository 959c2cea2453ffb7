"""Pages of delegated authority, by what they are about."""
