"""A request whose label cannot be trusted: a wrong ``Content-Type`` is a request without one, never a failure."""

import codecs
from contextlib import suppress
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters

#: Character sets somebody may name. Everything else is read as UTF-8: Python knows "sets" that make no text at all
#: (hex, zip), that fail on any text (undefined), or that take the square of its length (punycode).
_SETS = frozenset({"utf-8", "ascii", "gb18030", "gbk", "gb2312", "big5", "iso8859-1", "cp1252"})


class LabelledRequest(WSGIRequest):
    """What Django makes of a request, with a label it can read."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # parameters in a character set nobody knows
            self.content_type, self.content_params = "", {}
            meta["CONTENT_TYPE"] = ""  # others read it too
        with suppress(LookupError, ValueError):
            name = self.content_params.get("charset", "")
            if codecs.lookup(name).name in _SETS:
                self.encoding = name
