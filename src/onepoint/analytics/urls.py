"""Addresses of measures."""

from django.urls import path

from onepoint.analytics.views import measures

urlpatterns = [
    path("measures/", measures.show_overview, name="measure-overview"),
    path("measures/table/", measures.show_table, name="measure-table"),
    path("measures/events/", measures.list_events, name="measured-events"),
    path("measures/definitions/", measures.show_definitions, name="measure-definitions"),
    path("measures/views/save/", measures.save_view, name="measure-view-save"),
    path("measures/views/<int:pk>/remove/", measures.remove_view, name="measure-view-remove"),
]
