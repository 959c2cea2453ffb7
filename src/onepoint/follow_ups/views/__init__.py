"""The pages of return visits."""
