"""What the demo's process designer is working on: a decision table in force, and a process still being drawn."""

from collections.abc import Mapping
from pathlib import Path

from onepoint.accounts.models import User
from onepoint.workflow import services
from onepoint.workflow.designing import decisions
from onepoint.workflow.models import ProcessDefinition

TABLE = Path(__file__).parent / "data" / "answer_limit.dmn"


def build_designs(people: Mapping[str, User]) -> None:
    """Make the table and the draft that are not there yet."""
    by = people["admin"]
    if decisions.find_definition("answer_limit") is None:
        table = services.create_decision(key="answer_limit", name="答复时限", name_en="Time to answer", by=by)
        saved = services.save_decision(table, TABLE.read_text(encoding="utf-8"), number=1, revision=1, by=by)
        services.publish_decision(table, number=1, revision=saved.revision, comment="按投诉级别标准", by=by)
    if not ProcessDefinition.objects.filter(key="valued_complaint").exists():
        services.create_process(
            key="valued_complaint",
            name="重要客户投诉",
            name_en="Complaint of a valued customer",
            template="complaint",
            by=by,
        )
