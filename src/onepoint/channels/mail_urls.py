"""Addresses of mailboxes and incoming mails."""

from django.urls import path

from onepoint.channels.views import mailboxes, mails

urlpatterns = [
    path("mailboxes/", mailboxes.mailbox_list, name="mailbox-list"),
    path("mailboxes/new/", mailboxes.mailbox_create, name="mailbox-create"),
    path("mailboxes/<int:pk>/", mailboxes.mailbox_detail, name="mailbox-detail"),
    path("mailboxes/<int:pk>/switch/<str:on>/", mailboxes.mailbox_switch, name="mailbox-switch"),
    path("mailboxes/<int:pk>/remove/", mailboxes.mailbox_remove, name="mailbox-remove"),
    path("mailboxes/<int:pk>/try/", mailboxes.mailbox_try, name="mailbox-try"),
    path("mails/", mails.mail_list, name="mail-list"),
    path("mails/all/", mails.mail_list_all, name="mail-list-all"),
    path("mails/ignore/", mails.mails_ignore, name="mail-ignore"),
    path("mails/muted/<int:pk>/lift/", mails.mute_lift, name="mute-lift"),
    path("mails/<int:pk>/", mails.mail_detail, name="mail-detail"),
    path("mails/<int:pk>/shown/", mails.mail_shown, name="mail-shown"),
    path("mails/<int:pk>/parts/<int:part>/", mails.mail_part, name="mail-part"),
    path("mails/<int:pk>/original/", mails.mail_original, name="mail-original"),
    path("mails/<int:pk>/retry/", mails.mail_retry, name="mail-retry"),
    path("mails/<int:pk>/journal/", mails.mail_journal, name="mail-journal"),
]
