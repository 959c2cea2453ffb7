"""Addresses of the portal. Everything below ``portal/`` needs no login; the screens of the house stand elsewhere."""

from django.urls import path

from onepoint.portal.views import entering, filing, requests, settings

urlpatterns = [
    path("portal/", entering.show_portal, name="portal"),
    path("portal/enter/", entering.enter, name="portal-enter"),
    path("portal/code/<uuid:token>/", entering.enter_code, name="portal-code"),
    path("portal/leave/", entering.leave, name="portal-leave"),
    path("portal/file/", filing.file_request, name="portal-file"),
    path("portal/filed/<str:number>/", filing.show_filed, name="portal-filed"),
    path("portal/chat/", requests.chat, name="portal-chat"),
    path("portal/requests/<str:number>/", requests.show_request, name="portal-request"),
    path("portal/requests/<str:number>/add/", requests.add_words, name="portal-add"),
    path("portal/requests/<str:number>/remind/", requests.remind, name="portal-remind"),
    path("portal/requests/<str:number>/withdraw/", requests.withdraw, name="portal-withdraw"),
    path("portal/requests/<str:number>/rate/", requests.rate, name="portal-rate"),
    path("portal/requests/<str:number>/reopen/", requests.reopen, name="portal-reopen"),
    path("portal/requests/<str:number>/files/<int:pk>/", requests.download, name="portal-download"),
    path("portal/embed/", filing.embed, name="portal-embed"),
    path("portal/embed/code/<uuid:token>/", filing.embed_code, name="portal-embed-code"),
    path("portal-settings/", settings.show_settings, name="portal-settings"),
    path("portal-settings/rules/", settings.change_rules, name="portal-rules"),
    path("portal-settings/web-sites/add/", settings.add_origin, name="portal-origin-add"),
    path("portal-settings/web-sites/<int:pk>/use/", settings.change_origin, name="portal-origin-use"),
    path("portal-settings/words/", settings.list_wordings, name="portal-wording-list"),
    path("portal-settings/words/new/", settings.write_wording, name="portal-wording-create"),
    path("portal-settings/words/<int:pk>/change/", settings.change_wording, name="portal-wording-change"),
    path("portal-settings/words/<int:pk>/remove/", settings.remove_wording, name="portal-wording-remove"),
]
