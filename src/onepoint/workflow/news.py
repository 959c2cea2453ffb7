"""The light objects signals carry: facts of the moment, no database rows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstanceNews:
    """An instance as it is after the command."""

    id: int
    process_key: str
    version_id: int
    subject_type: str
    subject_id: int
    subject_number: str
    region_id: int | None
    unit_id: int | None
    status: str  # states.InstanceStatus
    outcome: str  # of the whole process, once ended

    @property
    def pk(self) -> int:
        return self.id


@dataclass(frozen=True, slots=True)
class TaskNews:
    """A task as it is after the command."""

    id: int
    visit_seq: int
    node_id: str
    name: str
    name_en: str
    status: str  # states.TaskStatus
    arrival: str  # states.Arrival
    subject_status: str  # op:status of the node, "" when it says nothing
    assignee_id: int | None
    candidate_keys: tuple[str, ...]
    unit_id: int | None
    outcome: str = ""
