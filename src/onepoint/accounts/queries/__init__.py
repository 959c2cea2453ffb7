"""Reads of the organisation, named by what they return."""

from onepoint.accounts.queries.access import Right, access_of, grants_in_words, reach_in_words
from onepoint.accounts.queries.journal import details_of, journal_entries, subjects_of
from onepoint.accounts.queries.keys import candidate_keys, role_keys
from onepoint.accounts.queries.logins import locked_until, login_policy, session_list, sessions_of
from onepoint.accounts.queries.organisation import (
    groups,
    holders_of,
    interface_posts_of,
    members_of,
    positions_of,
    region_tree,
    roles,
    staff_of,
    unit_options,
    unit_tree,
    units,
)
from onepoint.accounts.queries.staff import (
    appointments_of,
    filtered_people,
    find_user,
    grants_of,
    interface_people_of,
    open_positions,
    people,
    person_options,
    users_by_id,
)

__all__ = [
    "Right",
    "access_of",
    "appointments_of",
    "candidate_keys",
    "details_of",
    "filtered_people",
    "find_user",
    "grants_in_words",
    "grants_of",
    "groups",
    "holders_of",
    "interface_people_of",
    "interface_posts_of",
    "journal_entries",
    "locked_until",
    "login_policy",
    "members_of",
    "open_positions",
    "people",
    "person_options",
    "positions_of",
    "reach_in_words",
    "region_tree",
    "role_keys",
    "roles",
    "session_list",
    "sessions_of",
    "staff_of",
    "subjects_of",
    "unit_options",
    "unit_tree",
    "units",
    "users_by_id",
]
