"""A browser's long name of itself, in two words."""

import re

from django.utils.translation import gettext as _

#: The first that matches wins: every browser names its ancestors too.
_BROWSERS = (
    (r"MicroMessenger", "WeChat"),
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"QQBrowser", "QQ Browser"),
    (r"QIHU|360[SE]E", "360"),
    (r"Firefox|FxiOS", "Firefox"),
    (r"Chrom(e|ium)|CriOS", "Chrome"),
    (r"Safari", "Safari"),
)
_SYSTEMS = (
    (r"HarmonyOS|OpenHarmony", "HarmonyOS"),
    (r"Android", "Android"),
    (r"iPhone|iPad|iOS", "iOS"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)


def device_of(user_agent: str) -> str:
    """``"Firefox · Windows"``; what is not recognised is called so."""
    names = [
        next((name for pattern, name in table if re.search(pattern, user_agent)), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, names)) or _("unknown device")
