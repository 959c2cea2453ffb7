"""Every write of assignment; callers say ``services.enter_queue(…)``."""

from onepoint.assignment.services.agents import change_agent, end_work, pause_work, take_up_work
from onepoint.assignment.services.assigning import (
    assign_soon,
    assign_waiting,
    end_wrap_ups,
    expire_offers,
    look_after_queues,
    overflow_entries,
)
from onepoint.assignment.services.entries import (
    accept_entry,
    decline_entry,
    end_entry,
    enter_queue,
    finish_wrap_up,
    give_to_person,
    give_to_queue,
    leave_queue,
    set_priority,
)
from onepoint.assignment.services.losing import look_again, look_for_lost_agents
from onepoint.assignment.services.queues import change_queue, create_queue, create_skill

__all__ = [
    "accept_entry",
    "assign_soon",
    "assign_waiting",
    "change_agent",
    "change_queue",
    "create_queue",
    "create_skill",
    "decline_entry",
    "end_entry",
    "end_work",
    "end_wrap_ups",
    "enter_queue",
    "expire_offers",
    "finish_wrap_up",
    "give_to_person",
    "give_to_queue",
    "leave_queue",
    "look_after_queues",
    "look_again",
    "look_for_lost_agents",
    "overflow_entries",
    "pause_work",
    "set_priority",
    "take_up_work",
]
