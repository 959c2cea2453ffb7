"""Which features of a drawing run here: what a process uses beyond them is refused by name when it is deployed."""

#: What the tables and the worker carry end to end; the engine knows more.
CARRIED = frozenset(
    {
        "start event", "end event", "terminate end event", "user task", "task", "manual task", "service task",
        "script task", "exclusive gateway", "parallel gateway", "inclusive gateway", "sub-process",
        "parallel multi-instance", "sequential multi-instance", "countersign", "error end event",
        "error boundary event", "throw event", "link throw event", "link catch event",
    }
)  # fmt: skip
