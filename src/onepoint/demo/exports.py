"""Limits of exports, generous as befits a demo, and one file that waits for a second person."""

from onepoint.accounts.models import User
from onepoint.core import export_approval, exporting


def build_exports(people: dict[str, User]) -> None:
    """Once: a hotline agent wants the telephone numbers of the complaints of his region."""
    if export_approval.export_policy() is not None:
        return
    export_approval.change_export_policy(is_on=True, most_rows=0, most_personal_values=0, by=None)
    export = exporting.start_export(
        "tickets", query="kind=complaint", columns=["number", "title", "contact_phone"], file_format="xlsx",
        by=people["agent1"],
    )  # fmt: skip
    exporting.write_export(export.pk)
    export_approval.change_export_policy(is_on=True, most_rows=20_000, most_personal_values=5_000, by=None)
