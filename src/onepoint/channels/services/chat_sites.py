"""Which web sites may show the chat."""

from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.assignment.models import Queue
from onepoint.channels.models.chat import ChatSite
from onepoint.channels.policies import chats as policies
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean


@transaction.atomic
def add_site(*, origin: str, name: str, name_en: str = "", queue: Queue | None = None, by: User | None) -> ChatSite:
    """Let a web site show the chat in a frame. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_change_sites(by))
    origin = origin_from(origin)
    if not clean(name):
        raise InvalidInput({"name": _("Please fill this in.")})
    if ChatSite.objects.filter(origin=origin).exists():
        raise InvalidInput({"origin": _("This web site is listed already.")})
    site = ChatSite.objects.create(origin=origin, name=clean(name)[:80], name_en=clean(name_en)[:120], queue=queue)
    audit.record("chat_site.added", by=by, subject_type="chat_site", subject_id=site.pk, origin=origin)
    return site


@transaction.atomic
def switch_site(site: ChatSite, *, on: bool, by: User | None) -> None:
    """Let a web site show the chat (again), or not any more. Raises NotPermitted."""
    require(policies.why_not_change_sites(by))
    if ChatSite.objects.filter(pk=site.pk, is_active=not on).update(is_active=on):
        verb = "chat_site.switched_on" if on else "chat_site.switched_off"
        audit.record(verb, by=by, subject_type="chat_site", subject_id=site.pk, origin=site.origin)


def origin_from(text: str) -> str:
    """Scheme, host and port of an address, as a Content-Security-Policy takes it. Raises InvalidInput."""
    refused = InvalidInput({"origin": _("Please enter an address such as https://www.example.com.")})
    try:
        parts = urlsplit(clean(text).lower())
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise refused from error
    host = parts.hostname or ""
    is_plain = host and all(sign.isascii() and (sign.isalnum() or sign in ".-") for sign in host)
    if parts.scheme not in ("http", "https") or not is_plain or len(host) > 150:
        raise refused
    return f"{parts.scheme}://{host}{port}"
