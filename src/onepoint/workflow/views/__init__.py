"""Pages of workflow, one module per noun."""
