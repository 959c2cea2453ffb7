"""Reads of the results of contacts and of the rules of the journal."""

from onepoint.channels.models import ContactResult, JournalRule
from onepoint.core import stamped


def contact_results(*, only_in_use: bool = True) -> list[ContactResult]:
    """How a contact can end, in the order people gave them; nobody may change the list."""
    every = stamped.kept("terms", "results of contacts", lambda: list(ContactResult.objects.all()))
    return [result for result in every if result.is_active] if only_in_use else every


def find_contact_result(pk: int) -> ContactResult | None:
    return ContactResult.objects.filter(pk=pk).first()


def result_by_code(code: str) -> ContactResult | None:
    """A result in use, for other systems, which know codes only."""
    return ContactResult.objects.filter(code=code, is_active=True).first()


def journal_rule() -> JournalRule:
    """The rules of the contact journal; the defaults until somebody changed them."""
    return stamped.kept(
        "terms", "rules of the journal", lambda: JournalRule.objects.filter(pk=1).first()
    ) or JournalRule(pk=1)
