from django.urls import path

from onepoint.channels.views import canned, gateways, journal, outbox, results

urlpatterns = [
    path("contacts/", journal.contact_list, name="contact-list"),
    path("contacts/results/", results.result_list, name="contact-result-list"),
    path("contacts/results/<int:result_id>/", results.result_edit, name="contact-result-edit"),
    path("contacts/rules/", results.journal_rule, name="journal-rule"),
    path("contacts/<str:number>/", journal.contact_detail, name="contact-detail"),
    path("contacts/<str:number>/text/", journal.contact_text, name="contact-text"),
    path("contacts/<str:number>/files/<int:pk>/", journal.contact_file, name="contact-file"),
    path("contacts/<str:number>/solve/", journal.contact_solve, name="contact-solve"),
    path("customers/<str:number>/contacts/", journal.contacts_of_customer, name="contact-of-customer"),
    path("canned-texts/", canned.canned_text_list, name="canned-text-list"),
    path("canned-texts/new/", canned.canned_text_create, name="canned-text-create"),
    path("canned-texts/<slug:code>/", canned.canned_text_change, name="canned-text-change"),
    path("gateways/", gateways.gateway_list, name="gateway-list"),
    path("gateways/new/<str:provider>/", gateways.gateway_create, name="gateway-create"),
    path("gateways/<int:pk>/", gateways.gateway_detail, name="gateway-detail"),
    path("gateways/<int:pk>/switch/<str:on>/", gateways.gateway_switch, name="gateway-switch"),
    path("gateways/<int:pk>/remove/", gateways.gateway_remove, name="gateway-remove"),
    path("gateways/<int:pk>/try/", gateways.gateway_try, name="gateway-try"),
    path("gateways/<int:pk>/reconnect/<int:circuit>/", gateways.gateway_reconnect, name="gateway-reconnect"),
    path("outbox/", outbox.message_list, name="message-list"),
    path("outbox/hold/", gateways.outbox_hold, name="outbox-hold"),
    path("outbox/release/", gateways.outbox_release, name="outbox-release"),
    path("outbox/dead/", outbox.dead_letter_list, name="dead-letter-list"),
    path("outbox/dead/act/", outbox.dead_letters_act, name="dead-letter-act"),
    path("outbox/<int:pk>/", outbox.message_detail, name="message-detail"),
    path("outbox/<int:pk>/resend/", outbox.message_resend, name="message-resend"),
    path("outbox/<int:pk>/cancel/", outbox.message_cancel, name="message-cancel"),
]
