"""Pages of scanned files: counted and judged without trusting them, and made into pictures a browser can show.

Only sizes written in the file are read before they are judged; a picture that would unpack to gigabytes is refused unread.
"""

import io
import re
import warnings
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from onepoint.core.attachments import FileNotAccepted

MOST_PAGES = 200
MOST_PIXELS = 60_000_000  # of one page: A3 at 600 dpi is 70 million, at 400 dpi 31 million
SHOWN_WIDTH = 1400
_PDF_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_PICTURES = {"image/tiff": "TIFF", "image/jpeg": "JPEG", "image/png": "PNG"}
ACCEPTED = frozenset({*_PICTURES, "application/pdf"})


def count_pages(stored: IO[bytes], content_type: str) -> int | None:
    """How many pages there are; None where only the browser knows. Raises FileNotAccepted."""
    if content_type == "application/pdf":
        return _pdf_pages(stored)
    if content_type not in _PICTURES:
        raise FileNotAccepted({"file": _("Only TIFF, JPEG, PNG and PDF can be faxes or letters.")})
    try:
        with _opened(stored, content_type) as picture:
            pages = 0
            while True:
                _judge(picture)
                pages += 1
                if pages > MOST_PAGES:
                    raise FileNotAccepted({"file": _("It has more than %(most)s pages.") % {"most": MOST_PAGES}})
                try:
                    picture.seek(pages)
                except EOFError:
                    return pages
    except FileNotAccepted:
        raise
    except Exception as problem:  # whatever a decoder says about a broken file
        raise FileNotAccepted({"file": _("The picture is damaged and cannot be shown.")}) from problem


def page_as_png(stored: IO[bytes], content_type: str, page: int) -> bytes | None:
    """One page (from 0) as PNG, not wider than a screen; None where there is none. Raises FileNotAccepted."""
    if content_type not in _PICTURES or not 0 <= page < MOST_PAGES:
        return None
    try:
        with _opened(stored, content_type) as picture:
            if page:
                picture.seek(page)
            _judge(picture)
            shown = ImageOps.exif_transpose(picture).convert("L" if picture.mode in ("1", "L", "LA") else "RGB")
            if shown.width > SHOWN_WIDTH:
                shown = shown.resize((SHOWN_WIDTH, max(shown.height * SHOWN_WIDTH // shown.width, 1)))
            made = io.BytesIO()
            shown.save(made, "PNG")
            return made.getvalue()
    except EOFError:
        return None
    except FileNotAccepted:
        raise
    except Exception as problem:
        raise FileNotAccepted({"file": _("The picture is damaged and cannot be shown.")}) from problem


def _opened(stored: IO[bytes], content_type: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own warning of large pictures: we judge them ourselves
        return Image.open(stored, formats=[_PICTURES[content_type]])


def _judge(picture: Image.Image) -> None:
    width, height = picture.size
    if not 0 < width * height <= MOST_PIXELS:
        raise FileNotAccepted(
            {"file": _("A page is too large: %(width)s × %(height)s pixels.") % {"width": width, "height": height}}
        )


def _pdf_pages(stored: IO[bytes]) -> int | None:
    """By its plain objects; None where they are packed. The file itself is only ever read by the browser."""
    content = stored.read()
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise FileNotAccepted({"file": _("The PDF is cut off or damaged.")})
    pages = len(_PDF_PAGE.findall(content))
    if pages > MOST_PAGES:
        raise FileNotAccepted({"file": _("It has more than %(most)s pages.") % {"most": MOST_PAGES}})
    return pages or None
