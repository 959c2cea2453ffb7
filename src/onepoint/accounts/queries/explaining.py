"""Answers to “why can or can't this person see or do this?”."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from onepoint.accounts import explaining
from onepoint.accounts.explaining import Explainer, Reason
from onepoint.accounts.models import User
from onepoint.core import navigation


@dataclass(frozen=True)
class Explanation:
    """What was asked about, with the answer; ``kind`` names the kind of thing."""

    kind: str | Promise
    title: str
    reasons: Sequence[Reason]


def explanation(about: str, person: User, *, asker: User) -> Explanation | None:
    """What ``person`` may do with the thing or page ``about`` names, as far as ``asker`` sees it himself."""
    text = about.strip()
    if "/" in text:
        return _of_page(urlsplit(text).path, person, asker)
    for explainer in explaining.explainers():
        thing = explainer.find(text, asker)
        if thing is not None:
            return _of_thing(explainer, thing, person)
    return None


def _of_thing(explainer: Explainer, thing: Any, person: User) -> Explanation:
    return Explanation(explainer.label, explainer.title(thing), explainer.explain(thing, person))


def _of_page(path: str, person: User, asker: User) -> Explanation | None:
    try:
        match = resolve(path)
    except Resolver404:
        return None
    name, number = match.view_name or "", match.kwargs.get("number")
    explainer = explaining.explainer_of_page(name)
    if explainer and isinstance(number, str):
        thing = explainer.find(number, asker)
        return _of_thing(explainer, thing, person) if thing is not None else None
    permission = getattr(match.func, "permission", "") or _permission_in_navigation(name)
    if permission:
        reason = explaining.of_permission(person, permission)
        return Explanation(_("Page"), path, [Reason(_("Open the page"), reason.holds, (reason,))])
    return Explanation(
        _("Page"), path,
        [Reason(_("This page has no rule of its own: what stands on it follows the scope of whoever opens it."))],
    )  # fmt: skip


def _permission_in_navigation(name: str) -> str:
    return next((item.permission for item in navigation.all_items() if item.url_name == name), "")
