"""What workflow announces, inside the transaction of the command.

Each carries ``instance`` (:class:`onepoint.workflow.news.InstanceNews`; ``process_suspended`` a tuple ``instances``, as a
mass incident stops many at once), ``by`` (a user or None) and:

========================  ==============================================================================
``task_created``          ``tasks``: tuple of :class:`~onepoint.workflow.news.TaskNews`
``task_claimed``          ``tasks`` (claimed or reassigned; one given to one person on arrival is only created)
``task_released``         ``tasks`` (back in the pool)
``task_completed``        ``tasks`` (completed or sent back; ``task.status`` and ``task.outcome`` tell)
``task_cancelled``        ``tasks``
``process_ended``         nothing more; ``instance.status`` and ``instance.outcome`` tell; not of called processes
``process_reopened``      nothing more; it lives again, in its next generation
``process_suspended``     ``until`` (a moment or None), ``clocks`` ("stop" or "run"), ``reason``
``process_resumed``       ``clocks`` ("stop" or "run"), ``suspended_at``
``task_reminded``         ``task`` (TaskNews), ``reminder`` (:class:`~onepoint.workflow.models.Reminder`)
``task_escalated``        ``task`` (TaskNews), ``escalation`` (:class:`~onepoint.workflow.models.Escalation`)
``people_copied``         ``people`` (users), ``text``, ``task`` (TaskNews): they are told of what goes on (cc)
``incident_raised``       ``code``, ``message``, ``node_id``
========================  ==============================================================================
"""

from django.dispatch import Signal

task_created = Signal()
task_claimed = Signal()
task_released = Signal()
task_completed = Signal()
task_cancelled = Signal()
process_ended = Signal()
process_reopened = Signal()
process_suspended = Signal()
process_resumed = Signal()
task_reminded = Signal()
task_escalated = Signal()
people_copied = Signal()
incident_raised = Signal()
