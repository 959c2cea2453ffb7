"""Pages of scanned files: counted and judged without trusting them, and made into pictures a browser can show.

Only sizes written in the file are read before they are judged; a picture that would unpack to gigabytes is refused unread.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO

from django.utils.translation import gettext as _

from onepoint.channels import scan_pictures
from onepoint.channels.scan_pictures import MOST_PAGES
from onepoint.core.attachments import FileNotAccepted

_PDF_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_PICTURES = {"image/tiff": "TIFF", "image/jpeg": "JPEG", "image/png": "PNG"}
ACCEPTED = frozenset({*_PICTURES, "application/pdf"})


def count_pages(stored: IO[bytes], content_type: str) -> int | None:
    """How many pages there are; None where only the browser knows. Raises FileNotAccepted."""
    if content_type == "application/pdf":
        return _pdf_pages(stored)
    if content_type not in _PICTURES:
        raise FileNotAccepted({"file": _("Only TIFF, JPEG, PNG and PDF can be faxes or letters.")})
    with _told():
        return scan_pictures.count(stored.read(), _PICTURES[content_type])


def page_as_png(stored: IO[bytes], content_type: str, page: int) -> bytes | None:
    """One page (from 0) as PNG, not wider than a screen; None where there is none. Raises FileNotAccepted."""
    if content_type not in _PICTURES or not 0 <= page < MOST_PAGES:
        return None
    with _told():
        return scan_pictures.drawn(stored.read(), _PICTURES[content_type], page)


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong with a picture in words."""
    try:
        yield
    except scan_pictures.TooManyPages as many:
        raise _too_many_pages() from many
    except scan_pictures.TooLarge as large:
        raise FileNotAccepted(
            {
                "file": _("A page is too large: %(width)s × %(height)s pixels.")
                % {"width": large.width, "height": large.height}
            }
        ) from large
    except scan_pictures.NotReadable as damaged:
        raise FileNotAccepted({"file": _("The picture is damaged and cannot be shown.")}) from damaged


def _too_many_pages() -> FileNotAccepted:
    return FileNotAccepted({"file": _("It has more than %(most)s pages.") % {"most": MOST_PAGES}})


def _pdf_pages(stored: IO[bytes]) -> int | None:
    """By its plain objects; None where they are packed. The file itself is only ever read by the browser."""
    content = stored.read()
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise FileNotAccepted({"file": _("The PDF is cut off or damaged.")})
    pages = sum(1 for _page in islice(_PDF_PAGE.finditer(content), MOST_PAGES + 1))
    if pages > MOST_PAGES:
        raise _too_many_pages()
    return pages or None
