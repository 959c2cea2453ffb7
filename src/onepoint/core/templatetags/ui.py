"""Template tags of the house's components."""

from django import template

register = template.Library()
