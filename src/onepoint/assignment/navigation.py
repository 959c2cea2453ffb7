"""The queues in the sidebar."""
