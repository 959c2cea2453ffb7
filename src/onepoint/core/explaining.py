"""Errors of the FEEL language in the reader's words, for designers of forms and processes."""

from django.utils.translation import gettext as _

from onepoint.core.feel import FeelPunctuationError, FeelSyntaxError, FeelUnsupportedError


def explain_feel_error(error: FeelSyntaxError) -> str:
    """Where the expression is wrong and, where that is known, what to write instead."""
    place = {"line": error.line, "column": error.column}
    if isinstance(error, FeelPunctuationError):
        facts = {**place, "char": error.char, "plain": error.plain}
        return _("line %(line)d, column %(column)d: write %(plain)s instead of the full-width %(char)s") % facts
    if isinstance(error, FeelUnsupportedError):
        return _("line %(line)d, column %(column)d: “%(name)s” is not offered") % {**place, "name": error.name}
    return _("line %(line)d, column %(column)d: this is not an expression") % place
