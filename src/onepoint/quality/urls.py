"""Addresses of inspection."""

from django.urls import URLPattern

# The standard, marks, appeals, rectifications.
urlpatterns: list[URLPattern] = []

# Score cards, sampling plans, inspections, coaching.
urlpatterns += []

# Hidden risks.
urlpatterns += []
