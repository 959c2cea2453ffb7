"""Addresses about personal data and about why somebody may see or do something."""

from django.urls import path

from onepoint.accounts.views import explaining, privacy

urlpatterns = [
    path("roles/<str:code>/fields/", privacy.show_field_rights, name="role-fields"),
    path("access/", explaining.explain_access, name="access-explain"),
    path("personal-data/", privacy.list_unmaskings, name="unmasking-list"),
    path("personal-data/read/", privacy.list_readings, name="reading-list"),
    path("personal-data/policy/", privacy.change_privacy_policy, name="privacy-policy"),
    path("personal-data/show/<slug:kind>/<str:number>/<slug:field>/", privacy.unmask, name="unmask"),
]
