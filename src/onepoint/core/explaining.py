"""Errors and warnings of the FEEL language in the reader's words, for designers of forms and processes."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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


LONGEST = 300  # a warning that quotes more than that is shown as it is
_WARNINGS: tuple[tuple[re.Pattern[str], str | Promise], ...] = (
    (re.compile("nothing is called “(?P<name>.*)”"), gettext_lazy("There is no “%(name)s”.")),
    (re.compile("context has no “(?P<name>.*)”"), gettext_lazy("There is no “%(name)s”.")),
    (re.compile("(?P<type>.+) has no “(?P<name>.*)”"), gettext_lazy("A value of type %(type)s has no “%(name)s”.")),
    (re.compile("(?P<type>.+) is no boolean"), gettext_lazy("A value of type %(type)s is neither true nor false.")),
    (
        re.compile(r"(?P<left>.+) (?P<sign>\S+) (?P<right>.+) has no value"),
        gettext_lazy("%(left)s %(sign)s %(right)s: values of these types do not go together."),
    ),
    (re.compile("division by zero"), gettext_lazy("Division by zero.")),
    (re.compile("the list has no element (?P<place>.+)"), gettext_lazy("The list has no element %(place)s.")),
    (
        re.compile(r"(?P<function>.+)\(\): (?P<name>.+) must be (?P<wanted>.+), not (?P<type>.+)"),
        gettext_lazy("%(function)s(): %(name)s must be of type %(wanted)s, not %(type)s."),
    ),
)


def explain_feel_warning(warning: str) -> str:
    """Why an expression yielded null; the language's own words where there is no sentence for it."""
    if len(warning) > LONGEST:
        return warning
    for pattern, sentence in _WARNINGS:
        if found := pattern.fullmatch(warning):
            return str(sentence) % found.groupdict()
    return warning
