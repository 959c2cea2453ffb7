"""Decision tables in DMN: read, evaluated. Plain Python on ``core.feel``; tables and pages are the capability's.

Words: table (of one decision), rule (a row), input and output (columns), hit policy (what several fitting rules mean).
"""

from onepoint.workflow.decisions.dmn import DmnError, read_table
from onepoint.workflow.decisions.table import DecisionConflict, Input, Output, Rule, Table

__all__ = ["DecisionConflict", "DmnError", "Input", "Output", "Rule", "Table", "read_table"]
