"""How figures read."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from onepoint.analytics.queries import Cell, Compared

register = template.Library()


@register.filter
def figure(cell: Cell) -> str:
    """A share with one decimal, a count with its thousands, or a dash."""
    if not cell.measure.is_share:
        return number_format(cell.count, use_l10n=True, force_grouping=True)
    return "—" if cell.share is None else f"{cell.share:.1f} %"


@register.filter
def change(compared: Compared) -> str:
    """Against the period before: points of a share, per cent of a count."""
    value = compared.change
    if value is None:
        return ""
    sign = "+" if value >= 0.05 else "−" if value <= -0.05 else "±"
    plain = f"{sign}{abs(value):.1f}"
    return _("%(change)s points") % {"change": plain} if compared.cell.measure.is_share else f"{plain} %"
