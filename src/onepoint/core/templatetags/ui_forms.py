"""Tags that render forms: dense, labelled, with errors beside the field and native inputs for dates."""

from functools import lru_cache
from html import escape
from typing import Any

from django import forms, template
from django.conf import settings
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BaseForm, BoundField
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.core.markup import escaped
from onepoint.core.pickers import PickedSelect

register = template.Library()

#: Widgets that get a native browser input and the value format it wants.
NATIVE = (
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.TimeInput, "time", "%H:%M"),
)
_DASHES = BLANK_CHOICE_DASH[0][1]


class SearchInput(forms.TextInput):
    """The text box of a filter bar; the list reloads while one types."""

    input_type = "search"


#: Widgets that are one input and nothing else.
_PLAIN_INPUTS = (forms.TextInput, forms.DateInput, SearchInput)


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "options"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.Select):
        return "select"
    return "input"


def _make_native(widget: forms.Widget) -> None:
    for widget_class, input_type, value_format in NATIVE:
        if isinstance(widget, widget_class):
            widget.input_type = input_type
            widget.format = value_format
            return


def _name_empty_choice(bound: BoundField, is_picker: bool) -> None:
    """A row of dashes or nothing at all says nothing: in words, whether something is to be chosen or may be left.

    A picker has words of its own where nothing stands.
    """
    found = bound.field
    words = _("Please choose") if found.required else _("Not chosen")
    if isinstance(found, forms.ModelChoiceField):
        if found.empty_label == _DASHES:
            found.empty_label = words
    elif isinstance(found, forms.ChoiceField):
        offered: Any = found.widget.choices
        mute = (_DASHES,) if is_picker else (_DASHES, "")
        if any(label in mute for _value, label in offered):
            found.widget.choices = [(value, words if label in mute else label) for value, label in offered]


def _attributes(bound: BoundField, kind: str, picker: Any, help_text: Any, options: dict[str, Any]) -> dict[str, Any]:
    widget = bound.field.widget
    css = {"select": "form-select", "checkbox": "form-check-input", "options": "form-check-input"}.get(
        kind, "form-control"
    )
    attributes: dict[str, Any] = {"class": f"{css} {widget.attrs.get('class', '')}".strip()}
    described = [f"{bound.auto_id}_help"] if help_text else []
    if bound.errors:
        attributes["aria-invalid"] = "true"
        described.append(f"{bound.auto_id}_errors")
    if described and kind != "options":
        attributes["aria-describedby"] = " ".join(described)
    if isinstance(widget, forms.Textarea):
        attributes["rows"] = options.pop("rows", widget.attrs.get("rows") if widget.attrs.get("rows") != "10" else 3)
    if picker and kind == "select":
        attributes["data-island"] = "picker"
        if isinstance(picker, str):
            attributes["data-url"] = picker
    # {% field form.x data_with="#id_unit" %}: underscores become the dashes of HTML attributes.
    attributes.update({name.replace("_", "-"): value for name, value in options.items()})
    return attributes


def _written(bound: BoundField, attributes: dict[str, Any]) -> SafeString:
    """The widget of a field. Plain inputs and selects are written here: Django asks a template for each and each option."""
    widget = bound.field.widget
    if type(widget) not in (*_PLAIN_INPUTS, forms.Select, PickedSelect):
        return bound.as_widget(attrs=attributes)
    own = bound.build_widget_attrs(attributes, widget)
    if bound.auto_id and "id" not in widget.attrs:
        own.setdefault("id", bound.auto_id)
    name, told = escape(bound.html_name), widget.build_attrs(widget.attrs, own)
    value = widget.format_value(bound.value())
    if not isinstance(widget, forms.Select):
        content = "" if value is None else f' value="{escape(str(value))}"'
        return SafeString(f'<input type="{widget.input_type}" name="{name}"{content}{_in_order(told)}>')
    chosen, parts = set(value), [f'<select name="{name}"{flatatt(told)}>']
    for key, label in widget.offered(value) if isinstance(widget, PickedSelect) else widget.choices:
        if isinstance(label, list | tuple):
            parts.append(f'<optgroup label="{escaped(key)}">')
            parts += [_option(one, text, chosen) for one, text in label]
            parts.append("</optgroup>")
        else:
            parts.append(_option(key, label, chosen))
    return SafeString("".join([*parts, "</select>"]))


def _in_order(attributes: dict[str, Any]) -> str:
    """Attributes as Django's templates write them."""
    told = ((name, value) for name, value in attributes.items() if value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{escaped(value)}"' for name, value in told)


def _option(value: Any, label: Any, chosen: set[str]) -> str:
    text = "" if value is None else str(value)
    return f'<option value="{escape(text)}"{" selected" if text in chosen else ""}>{escaped(label)}</option>'


@register.simple_tag
def field(
    bound: BoundField, wide: bool = False, label: str = "", help: str | None = None, picker: Any = False, **options: Any
) -> SafeString:
    """One form field with label, help and errors.

    ``picker`` makes a select searchable: True searches its own options, a URL asks the server. Further keyword
    arguments become attributes of the input (``placeholder=…``, ``rows=…``, ``data_shortcut=…``).
    """
    widget = bound.field.widget
    if widget.is_hidden:
        return bound.as_widget()
    kind = _kind(widget)
    _make_native(widget)
    _name_empty_choice(bound, bool(picker))
    help_text = bound.help_text if help is None else help
    attributes = _attributes(bound, kind, picker, help_text, dict(options))
    context = {
        "bound": bound,
        "kind": kind,
        "label": label or bound.label,
        "help_text": help_text,
        "is_required": bound.field.required and kind != "checkbox",
        "css": f"{'field--wide ' if wide else ''}{'field--invalid' if bound.errors else ''}",
        "widget": _written(bound, attributes),
    }
    return mark_safe(render_to_string("core/ui/field.html", context))


@register.simple_tag
def form_fields(form: BaseForm, *names: str, columns: int = 2) -> SafeString:
    """A grid of the named fields (all when none is named); text areas take the whole width."""
    chosen = [form[name] for name in names] if names else list(form)
    shown = [
        field(bound, wide=isinstance(bound.field.widget, forms.Textarea | forms.CheckboxSelectMultiple))
        for bound in chosen
    ]
    return mark_safe(f'<div class="fields fields--{columns}">{"".join(shown)}</div>')


@register.inclusion_tag("core/ui/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong with the form as a whole, and how many fields need a look."""
    return {
        "form": form,
        "invalid": [bound for bound in form if bound.errors],
        "hidden": [b for b in form.hidden_fields() if b.errors],
    }


@register.inclusion_tag("core/ui/filter_bar.html", takes_context=True)
def filter_bar(context: dict[str, Any], form: BaseForm, target: str = "list") -> dict[str, Any]:
    """A GET form whose changes reload the list with the id ``target`` and stay in the address.

    Where the form names ``first_fields``, only these and those in use are seen until one asks for more.
    """
    first = getattr(form, "first_fields", None)
    for bound in form:
        _make_native(bound.field.widget)
        if isinstance(bound.field, forms.ModelChoiceField) and bound.field.empty_label:
            bound.field.empty_label = _("any")
    fields = [
        {
            "bound": bound,
            "is_search": getattr(bound.field.widget, "input_type", "") == "search",
            "is_rare": first is not None and bound.name not in first and not bound.data,
            "widget": _written(bound, _attributes(bound, _kind(bound.field.widget), False, "", {})),
        }
        for bound in form.visible_fields()
    ]
    request = context["request"]
    kept = [(name, request.GET[name]) for name in ("sort", "size", "filter") if request.GET.get(name)]
    hidden = [bound.as_widget() for bound in form.hidden_fields()]
    return {
        "fields": fields,
        "hidden": hidden,
        "kept": kept,
        "target": target,
        "path": request.path,
        "has_any": bool(request.GET),
        "has_rare": any(field["is_rare"] for field in fields),
    }


def _shown_value(bound: BoundField) -> str:
    """What was chosen in a field, as it reads on the page; empty when nothing was or it is not valid."""
    value = bound.form.cleaned_data.get(bound.name)
    if value in (None, "", False) or bound.errors:
        return ""
    if isinstance(bound.field, forms.ModelChoiceField):
        return str(bound.field.label_from_instance(value))
    if isinstance(bound.field, forms.ChoiceField):
        choices: Any = bound.field.choices
        labels = {str(key): str(label) for key, label in choices if not isinstance(label, list | tuple)}
        return labels.get(str(value), str(value))
    return _("Yes") if value is True else str(value)


@register.inclusion_tag("core/ui/filter_chips.html", takes_context=True)
def filter_chips(context: dict[str, Any], form: BaseForm) -> dict[str, Any]:
    """What a list is narrowed to, each part with a way to drop it."""
    request = context["request"]
    chips = []
    for bound in form.visible_fields() if form.is_bound else ():
        if shown := _shown_value(bound):
            rest = request.GET.copy()
            for name in (bound.name, "page"):
                rest.pop(name, None)
            # Never an empty query: that would open the first filter a person chose.
            chips.append(
                {"label": bound.label, "value": shown, "url": f"{request.path}?{rest.urlencode() or 'filter='}"}
            )
    return {"chips": chips, "path": request.path}


@register.inclusion_tag("core/ui/filter_chips.html")
def filter_summary(form: BaseForm) -> dict[str, Any]:
    """What a filter form narrows a list to, to be read only."""
    fields = form.visible_fields() if form.is_bound else ()
    chips = [{"label": bound.label, "value": shown} for bound in fields if (shown := _shown_value(bound))]
    return {"chips": chips, "is_summary": True}


@register.inclusion_tag("core/ui/column_chooser.html", takes_context=True)
def column_chooser(context: dict[str, Any], action: str, columns: Any, shown: Any) -> dict[str, Any]:
    """The dialog ``choose-columns``: which columns a list shows, in which order."""
    request = context["request"]
    offered = tuple((column.key, str(column.label), column.key in shown) for column in columns)
    draw = _column_lines.__wrapped__ if settings.DEBUG else _column_lines
    return {
        "action": action,
        "lines": mark_safe(draw(offered, get_language() or "")),
        "query": request.GET.urlencode(),
        "filter": request.GET.get("filter", ""),
        "csrf_token": context.get("csrf_token"),
    }


@lru_cache(maxsize=500)
def _column_lines(columns: tuple[tuple[str, str, bool], ...], _language: str) -> str:
    """A line for each column: key, label, whether it is shown. Most people choose none, and see the same."""
    return render_to_string("core/ui/column_lines.html", {"columns": columns})
