"""Workflow: processes drawn in BPMN, their running instances, and the steps that wait for people.

Owns process definitions and versions, instances with their marking and history of visits, user tasks, opinions, service
calls, timers, messages and incidents. ``engine/`` is plain Python and decides what happens; ``kernel.py`` makes it durable.
Announces ``task_created``, ``task_claimed``, ``task_completed``, ``task_cancelled``, ``process_ended``, ``incident_raised``
and what else ``signals.py`` lists. Higher capabilities register service-task handlers, calendars and subjects in
``registry.py``.
"""
