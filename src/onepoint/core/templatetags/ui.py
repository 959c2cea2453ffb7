"""Template tags of the house's components: every page is built of these, so that all pages look and work alike.

They are builtins (no ``{% load %}``); ``docs/how-to/add_a_page.md`` shows each one in use.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from onepoint.core.exporting import why_not_export
from onepoint.core.markup import escaped
from onepoint.core.models import Attachment
from onepoint.core.navigation import GROUPS, NavItem
from onepoint.core.page_panels import page_panels_for
from onepoint.core.tables import PAGE_SIZES, Page
from onepoint.core.templatetags import ui_forms, ui_time

register = template.Library()
for part in (ui_forms, ui_time):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)

TONES = ("", "accent", "good", "warn", "bad", "strong", "muted")


@lru_cache(maxsize=4)
def _read_manifest(path: str, modified: float) -> dict[str, Any]:
    return json.loads(Path(path).read_text())


def _manifest() -> dict[str, Any]:
    path = finders.find("manifest.json")
    if not isinstance(path, str):
        return {}
    # A rebuilt front end is picked up without a restart only where somebody is developing.
    return _read_manifest(path, Path(path).stat().st_mtime if settings.DEBUG else 0.0)


@lru_cache(maxsize=64)
def _built_asset_url(source: str) -> str:
    entry = _manifest().get(source)
    return static(entry["file"]) if entry else ""


def _asset_url(source: str) -> str:
    return _built_asset_url.__wrapped__(source) if settings.DEBUG else _built_asset_url(source)


@register.simple_tag
def vite_asset(entry: str = "main") -> SafeString:
    """The style sheets and the module script of a front-end entry, under the names the build gave them."""
    chunk = _manifest().get(f"src/{entry}.js")
    if chunk is None:
        return mark_safe("<!-- the front end has not been built -->")
    styles = format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(name),) for name in chunk.get("css", []))
    )
    return format_html('{}\n<script type="module" src="{}"></script>', styles, static(chunk["file"]))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite (named in ``frontend/src/icons.txt``); without a label it is mere decoration."""
    sprite = _asset_url("src/icons.svg")
    if label:
        href = f"{sprite}#{name}"
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return _bare_icon(sprite, name)


@lru_cache(maxsize=1000)
def _bare_icon(sprite: str, name: str) -> SafeString:
    """Every page has dozens, and they are few."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.simple_tag
def url_if_any(name: str, *arguments: Any) -> str:
    """The URL of a named page, or nothing where that capability is not installed."""
    return _url_if_any(name, *arguments) if arguments else _entry_url(name, *_house())


def _url_if_any(name: str, *arguments: Any) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def _house() -> tuple[str, str]:
    """What the address of a page without arguments depends on."""
    return get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()


@lru_cache(maxsize=1000)
def _entry_url(name: str, _urlconf: str, _prefix: str) -> str:
    """Dozens on every page, always the same."""
    return _url_if_any(name)


@register.simple_tag
def include_same(name: str) -> SafeString:
    """``{% include %}`` of a template that shows the same to everybody and on every page, once per language."""
    language = get_language() or ""
    return mark_safe(render_to_string(name) if settings.DEBUG else _same_for_all(name, language))


@lru_cache(maxsize=100)
def _same_for_all(name: str, _language: str) -> str:
    return render_to_string(name)


@register.inclusion_tag("core/ui/page_panels.html", takes_context=True)
def page_panels(context: dict[str, Any], page: str, number: str) -> dict[str, Any]:
    """What capabilities above show on this page; each panel is fetched once the page stands."""
    panels = page_panels_for(page, context["request"].user)
    return {"panels": [(panel.label, reverse(panel.url_name, args=[number]), panel.is_quiet) for panel in panels]}


@register.simple_tag(takes_context=True)
def navigation(context: dict[str, Any]) -> SafeString:
    """The grouped entries of the sidebar, with the one being shown marked and the groups somebody folded."""
    path = context["request"].path
    house = _house()
    entries = [(item, _entry_url(item.url_name, *house)) for item in context.get("navigation_items", ())]
    entries = [(item, url) for item, url in entries if url]
    current = max(
        (url for _item, url in entries if path == url or (url != "/" and path.startswith(url))), key=len, default=""
    )
    folded = tuple(name for name in context.get("nav_folded", ()) if name in GROUPS)
    draw = _drawn_navigation.__wrapped__ if settings.DEBUG else _drawn_navigation
    return mark_safe(draw(tuple(entries), current, folded, get_language() or ""))


@lru_cache(maxsize=500)
def _drawn_navigation(
    entries: tuple[tuple[NavItem, str], ...], current: str, folded: tuple[str, ...], _language: str
) -> str:
    """Everybody with the same rights sees the same on the same page."""
    titles = {
        "work": pgettext("navigation", "Work"),
        "channels": pgettext("navigation", "Channels"),
        "customers": pgettext("navigation", "Customers"),
        "quality": pgettext("navigation", "Quality"),
        "supervision": pgettext("navigation", "Supervision"),
        "design": pgettext("navigation", "Design"),
        "administration": pgettext("navigation", "Administration"),
    }
    groups: dict[str, list[tuple[NavItem, str, bool]]] = {}
    for item, url in entries:
        groups.setdefault(item.group, []).append((item, url, url == current))
    shown = [
        # The group of the page being shown is never folded: one sees where one is.
        (name, titles[name], items, name in folded and not any(is_current for *_, is_current in items))
        for name, items in groups.items()
    ]
    return render_to_string("core/ui/navigation.html", {"groups": shown})


@register.simple_tag
def crumbs(*pairs: Any) -> list[tuple[str, str]]:
    """The way to a page: ``{% crumbs label url label url as trail %}`` for ``page_head``."""
    return list(zip(pairs[::2], pairs[1::2], strict=True))


@register.simple_block_tag
def page_head(
    content: str, title: str, trail: Sequence[tuple[str, str]] = (), sub: str = "", badges: str = ""
) -> SafeString:
    """Title of the page with the way to it; what stands inside are its actions."""
    context = {"title": title, "trail": trail, "sub": sub, "badges": badges, "actions": content.strip()}
    return mark_safe(render_to_string("core/ui/page_head.html", context))


@register.simple_block_tag
def panel(
    content: str, title: str = "", flush: bool = False, id: str = "", actions: str = "", note: str = ""
) -> SafeString:
    """A bordered region with a title; ``flush`` for tables and lists that bring their own padding."""
    context = {"title": title, "flush": flush, "id": id, "actions": actions, "note": note, "content": content}
    return mark_safe(render_to_string("core/ui/panel.html", context))


@register.simple_block_tag
def fact(content: str, label: str, wide: bool = False) -> SafeString:
    """One line of a ``<dl class="facts">``; an empty value shows a dash."""
    value = mark_safe(content.strip()) or "—"
    return format_html('<dt>{}</dt><dd class="{}">{}</dd>', label, "facts__wide" if wide else "", value)


@register.simple_tag
def badge(text: Any, tone: str = "", icon_name: str = "") -> SafeString:
    """A small label; ``tone`` is one of ``TONES`` and is used for meaning only."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"unknown tone {tone!r}")
    mark = icon(icon_name) if icon_name else ""
    return SafeString(f'<span class="tag{" tag--" + tone if tone else ""}">{mark}{escaped(text)}</span>')


@register.simple_tag
def person(who: Any, note: str = "") -> SafeString:
    """A person (or a stored name) with initials; a dash for nobody."""
    if not who:
        return mark_safe('<span class="muted">—</span>')
    name = str(getattr(who, "label", who))
    words = name.split()
    latin = len(words) > 1 and name.isascii()
    initials = words[0][0] + words[-1][0] if latin else name[:1]
    tail = format_html(' <span class="muted">{}</span>', note) if note else ""
    return format_html(
        '<span class="person"><span class="person__mark" aria-hidden="true">{}</span>'
        '<span class="person__name">{}{}</span></span>',
        initials,
        name,
        tail,
    )


@register.simple_block_tag
def empty(content: str, text: str, icon_name: str = "inbox") -> SafeString:
    """What stands where a list would, when there is nothing; inside, what one may do about it."""
    return format_html('<div class="empty">{}{}<div>{}</div></div>', icon(icon_name), text, mark_safe(content.strip()))


@register.simple_tag
def copy_button(text: Any) -> SafeString:
    """A small button that copies ``text``."""
    return format_html(
        '<button type="button" class="copy" data-island="copy" data-copy="{}" aria-label="{}" title="{}">{}</button>',
        text,
        _("Copy"),
        _("Copy"),
        icon("copy"),
    )


@register.simple_tag
def tab(label: str, url: str, current: bool = False, count: Any = None, tone: str = "", key: str = "") -> SafeString:
    """One entry of ``<nav class="tabs">``; with a ``key`` its figure can be found and kept up to date."""
    number = ""
    if count is not None:
        number = format_html('<span class="tabs__count{}">{}</span>', f" tabs__count--{tone}" if tone else "", count)
    return format_html(
        '<a href="{}"{}{}>{}{}</a>',
        url,
        mark_safe(' aria-current="page"' if current else ""),
        format_html(' data-tab="{}"', key) if key else "",
        label,
        number,
    )


@register.simple_block_tag
def timeline_item(content: str, title: str, who: Any = "", at: Any = None, tone: str = "") -> SafeString:
    """One event of a ``<ol class="timeline">``; inside, what was said."""
    context = {"title": title, "who": who, "at": at, "tone": tone, "text": content.strip()}
    return mark_safe(render_to_string("core/ui/timeline_item.html", context))


@register.simple_block_tag
def data_table(
    content: str, page: Page, id: str = "list", nothing: str = "", keys: bool = True, stack: bool = True, bar: str = ""
) -> SafeString:
    """A list: sortable head, the ``<tr>`` inside, what to say when empty, and the pager."""
    heads = []
    for column in page.columns:
        own = page.sort.lstrip("-") == column.key
        descending = own and page.sort.startswith("-")
        wanted = column.key if descending or not own else f"-{column.key}"
        heads.append(
            {
                "column": column,
                "query": page.query(sort=wanted, page=None) if column.order else "",
                "direction": ("descending" if descending else "ascending") if own else "",
            }
        )
    context = {
        "page": page,
        "heads": heads,
        "id": id,
        "nothing": nothing or _("Nothing here."),
        "keys": keys,
        "stack": stack,
        "bar": bar,
        "content": content,
        "sizes": [(size, page.query(size=size, page=None)) for size in PAGE_SIZES],
        "previous": page.query(page=page.number - 1) if page.number > 1 else "",
        "next": page.query(page=page.number + 1) if page.has_next else "",
        "first": page.query(page=None),
    }
    return mark_safe(render_to_string("core/ui/data_table.html", context))


@register.simple_tag
def row_cells(page: Page, row: Any) -> SafeString:
    """The cells of one row of a list whose columns people choose."""
    return SafeString(
        "".join(
            f'<td class="{column.css}">{escaped(column.cell(row)) if column.cell else ""}</td>'
            for column in page.columns
        )
    )


@register.inclusion_tag("core/ui/export_menu.html", takes_context=True)
def export_menu(
    context: dict[str, Any], list_code: str, columns: Iterable[str] = (), about: str = ""
) -> dict[str, Any]:
    """Have the list on this page written to a file, as it is narrowed and sorted; nothing for those who may not.

    ``columns`` names those shown where people choose them; else the file has the usual ones. ``about`` is what the path
    of the address says beside its query: ``incident=QS…`` on the page of one mass incident.
    """
    request = context["request"]
    return {
        "is_offered": why_not_export(list_code, request.user) is None,
        "action": url_if_any("export-create"),
        "list_code": list_code,
        "query": "&".join(filter(None, [request.GET.urlencode(), about])),
        "about": about,
        "columns": ",".join(columns),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("core/ui/tree.html")
def tree(
    nodes: Iterable[Any],
    url_name: str = "",
    current: Any = None,
    query: str = "",
    open_depth: int = 1,
    by: str = "pk",
    more_url_name: str = "",
    bare: bool = False,
) -> dict[str, Any]:
    """A foldable tree of nodes that have ``pk``, ``parent_id`` and ``label`` (parents before children).

    Each links to ``url_name`` with its id (or the attribute named by ``by``), or to ``?<query>=<id>``. What is under a node
    that ``has_more`` than was given is fetched from ``more_url_name``, which answers with a ``bare`` tree.
    """
    nodes = list(nodes)
    ids = {node.pk for node in nodes}
    children: dict[Any, list[Any]] = {}
    for node in nodes:
        children.setdefault(node.parent_id if node.parent_id in ids else None, []).append(node)
    chosen = getattr(current, "pk", current)
    way = set()
    parents = {node.pk: node.parent_id for node in nodes}
    step = parents.get(chosen)
    while step is not None:
        way.add(step)
        step = parents.get(step)

    def branch(parent: Any, depth: int) -> list[dict[str, Any]]:
        return [
            {
                "node": node,
                "url": reverse(url_name, args=[getattr(node, by)]) if url_name else f"?{query}={node.pk}",
                "is_current": node.pk == chosen,
                "is_open": depth < open_depth or node.pk in way,
                "children": branch(node.pk, depth + 1),
                "more_url": reverse(more_url_name, args=[getattr(node, by)])
                if more_url_name and getattr(node, "has_more", False)
                else "",
            }
            for node in children.get(parent, [])
        ]

    return {"branches": branch(None, 0), "bare": bare}


@register.inclusion_tag("core/ui/process_picture.html")
def process_picture(xml_url: str, state_url: str = "", tall: bool = False, heat: bool = False) -> dict[str, Any]:
    """The process picture; write the same facts as a table beneath it for those who cannot see it.

    ``heat``: the state is that of many instances and is asked for again every few seconds.
    """
    return {"xml_url": xml_url, "state_url": state_url, "tall": tall, "heat": heat}


@register.simple_tag
def label_in(language: str, chinese: str | Promise, english: str | Promise) -> str:
    """One of two names by language code, Chinese where the English one is missing."""
    return str(english if language.startswith("en") and english else chinese)


@register.filter
def removal(file: Attachment) -> str:
    """When and why the content of a file is gone; empty for one that is there."""
    if file.removed_at is None:
        return ""
    date = timezone.localtime(file.removed_at).date().isoformat()
    said = ngettext(
        "removed on %(date)s after %(count)s month", "removed on %(date)s after %(count)s months", file.kept_months or 0
    )
    return said % {"date": date, "count": file.kept_months}


@register.filter
def file_size(size: int | None) -> str:
    """Bytes as people read them."""
    amount = float(size or 0)
    for unit in ("B", "KB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} MB" if amount < 1024 else f"{amount / 1024:.1f} GB"
