"""Addresses of grants, their audit and the authorities."""

from django.urls import path

from onepoint.grants.views import auditing, authorities, grants, panels

urlpatterns = [
    path("grants/", grants.list_grants, name="grant-list"),
    path("grants/approvals/", grants.list_approvals, name="grant-approvals"),
    path("grants/corrections/", auditing.list_corrections, name="grant-correction-list"),
    path("grants/audits/", auditing.list_audits, name="grant-audit-list"),
    path("grants/audits/figures/", auditing.show_figures, name="grant-audit-figures"),
    path("grants/allowance/", panels.show_allowance, name="grant-allowance"),
    path("grants/<str:number>/", grants.show_grant, name="grant-detail"),
    path("grants/<str:number>/approve/", grants.approve_grant, name="grant-approve"),
    path("grants/<str:number>/refuse/", grants.refuse_grant, name="grant-refuse"),
    path("grants/<str:number>/settle/", grants.settle_grant, name="grant-settle"),
    path("grants/<str:number>/cancel/", grants.cancel_grant, name="grant-cancel"),
    path("grants/<str:number>/audit/claim/", auditing.claim_audit, name="grant-audit-claim"),
    path("grants/<str:number>/audit/release/", auditing.release_audit, name="grant-audit-release"),
    path("grants/<str:number>/audit/pass/", auditing.pass_audit, name="grant-audit-pass"),
    path("grants/<str:number>/audit/object/", auditing.object_to_grant, name="grant-audit-object"),
    path("grants/<str:number>/audit/answer/", auditing.answer_objection, name="grant-audit-answer"),
    path("grants/<str:number>/audit/accept/", auditing.accept_correction, name="grant-audit-accept"),
    path("grants/<str:number>/audit/demand/", auditing.demand_again, name="grant-audit-demand"),
    path("tickets/<str:number>/grants/", panels.ticket_grants, name="ticket-grants"),
    path("tickets/<str:number>/grants/give/", panels.give_on_ticket, name="ticket-grant-give"),
    path("contacts/<str:number>/grants/", panels.contact_grants, name="contact-grants"),
    path("contacts/<str:number>/grants/give/", panels.give_on_contact, name="contact-grant-give"),
    path("authorities/", authorities.list_authorities, name="authority-list"),
    path("authorities/new/", authorities.create_authority, name="authority-create"),
    path("authorities/<int:pk>/", authorities.change_authority, name="authority-detail"),
    path("authorities/kinds/", authorities.list_kinds, name="grant-kind-list"),
    path("authorities/kinds/<int:pk>/", authorities.change_kind, name="grant-kind-detail"),
    path("authorities/objections/", authorities.list_objection_codes, name="objection-code-list"),
    path("authorities/objections/<int:pk>/", authorities.change_objection_code, name="objection-code-detail"),
    path("authorities/audits/", authorities.list_audit_rules, name="audit-rule-list"),
    path("authorities/audits/<int:pk>/", authorities.change_audit_rule, name="audit-rule-detail"),
]
