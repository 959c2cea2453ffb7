"""A release after this one, for F16: the same house, whose customers have a column more (``fault_trials/rolling_restart.py``)."""
