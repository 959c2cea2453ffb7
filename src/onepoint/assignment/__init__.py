"""Assignment: who of those at work gets the next chat, call or job that waits in a queue.

Owns agents (a person at work: state, capacity, skills), queues (who serves them, what skills they need, by what strategy)
and queue entries (one waiting subject each, named by type and id). One transaction offers: never above capacity, first in
first out within priority, never to somebody who lacks a skill. An offer is accepted, declined, or runs out and goes on.
Announces ``entry_offered``, ``entry_returned``, ``entry_accepted``, ``entry_overflowed``, ``wrap_up_ended`` and
``agent_state_changed``. Serves chats now; calls and field jobs may wait in the same queues.
"""
