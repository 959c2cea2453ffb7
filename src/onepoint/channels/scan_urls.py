"""Addresses of faxes and letters."""

from django.urls import path

from onepoint.channels.views import scans

urlpatterns = [
    path("scans/", scans.scan_list, name="scan-list"),
    path("scans/all/", scans.scan_list_all, name="scan-list-all"),
    path("scans/upload/", scans.scan_upload, name="scan-upload"),
    path("scans/folders/", scans.scan_source_list, name="scan-source-list"),
    path("scans/folders/new/", scans.scan_source_edit, name="scan-source-create"),
    path("scans/folders/<int:pk>/", scans.scan_source_edit, name="scan-source-change"),
    path("scans/<int:pk>/", scans.scan_detail, name="scan-detail"),
    path("scans/<int:pk>/pages/<int:page>/", scans.scan_page, name="scan-page"),
    path("scans/<int:pk>/file/", scans.scan_file, name="scan-file"),
    path("scans/<int:pk>/take-in/", scans.scan_take_in, name="scan-take-in"),
    path("scans/<int:pk>/<slug:verb>/", scans.scan_act, name="scan-act"),
    path("contacts/<str:number>/scan/", scans.scan_of_contact, name="scan-of-contact"),
]
