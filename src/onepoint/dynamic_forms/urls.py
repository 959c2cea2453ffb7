"""Addresses of the form designer."""

from django.urls import path

from onepoint.dynamic_forms import views

urlpatterns = [
    path("forms/", views.list_forms, name="form-list"),
    path("forms/new/", views.create_form, name="form-create"),
    path("forms/versions/<int:pk>/shown/", views.shown_fields, name="form-shown-fields"),
    path("forms/<slug:key>/", views.show_form, name="form-detail"),
    path("forms/<slug:key>/draft/", views.draft_version, name="form-draft"),
    path("forms/<slug:key>/versions/<int:number>/", views.show_version, name="form-version"),
    path("forms/<slug:key>/versions/<int:number>/edit/", views.edit_version, name="form-version-edit"),
    path("forms/<slug:key>/versions/<int:number>/publish/", views.publish_version, name="form-version-publish"),
    path("forms/<slug:key>/versions/<int:number>/discard/", views.discard_draft, name="form-version-discard"),
]
