"""Short messages into a folder of this machine, a file each: for trying the house out, and for programs that fetch them there.

The folder stands below the data folder and nowhere else. A file is written under another name first, so that who watches
the folder never sees half of one; a repetition carries the same name and replaces it.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings as house
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.channels.providers.interface import (
    Arrived,
    FailedForNow,
    Letter,
    Provider,
    Report,
    Setting,
    Taken,
    because,
)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class FolderSession:
    """Writes files; nothing stays open."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.folder = Path(house.DATA_DIR) / "sent" / settings["folder"]

    def send(self, letter: Letter) -> Taken:
        name = re.sub(r"[^0-9A-Za-z_-]", "-", letter.id)[:100]
        content = {"id": letter.id, "to": letter.address, "text": letter.text}
        final = self.folder / f"{name}.json"
        half = self.folder / f".{name}.half"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            half.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(half, final)
        except OSError as problem:
            raise FailedForNow(
                because(_("The folder can't be written to."), problem.strerror), is_ill=True
            ) from problem
        return Taken()

    def idle(self, seconds: float) -> None:
        """Nothing comes back from a folder."""

    def close(self) -> None:
        """Nothing is open."""


def _open(
    settings: Mapping[str, Any], secrets: Mapping[str, str], report: Callable[[Report | Arrived], None]
) -> FolderSession:
    return FolderSession(settings)


def _complain(settings: Mapping[str, Any]) -> dict[str, str]:
    if _NAME.fullmatch(str(settings.get("folder", ""))):
        return {}
    return {"folder": _("Please use small letters, digits and hyphens.")}


PROVIDER = Provider(
    code="folder",
    label=gettext_lazy("SMS into a folder (for trying out)"),
    medium="sms",
    settings=(
        Setting(
            "folder", gettext_lazy("Folder"), default="sms", is_required=True,
            help=gettext_lazy("Below “sent” in the data folder. Whoever may read it reads one-time codes too."),
        ),
    ),
    open=_open,
    complain=_complain,
)  # fmt: skip
