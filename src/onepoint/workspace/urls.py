from django.urls import path

from onepoint.workspace.views import approvals, around_customer, arrivals, desk, drafts, exports, intake

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("desk/figures/", desk.desk_figures, name="desk-figures"),
    path("search/", desk.search, name="search"),
    path("customers/<str:number>/360/", around_customer.customer_360, name="customer-360"),
    path("customers/<str:number>/360/contact/", around_customer.contact_name, name="contact-name"),
    path("arrivals/latest/", arrivals.arrival_latest, name="arrival-latest"),
    path("arrivals/<int:pk>/", arrivals.arrival_open, name="arrival-open"),
    path("arrivals/<int:pk>/choose/", arrivals.arrival_choose, name="arrival-choose"),
    path("arrivals/<int:pk>/<str:number>/", arrivals.arrival_recognise, name="arrival-recognise"),
    path("exports/", exports.list_exports, name="export-list"),
    path("exports/new/", exports.start_export, name="export-create"),
    path("exports/approvals/", approvals.list_approvals, name="export-approvals"),
    path("exports/approvals/<int:pk>/approve/", approvals.approve_export, name="export-approve"),
    path("exports/approvals/<int:pk>/refuse/", approvals.refuse_export, name="export-refuse"),
    path("exports/policy/", approvals.change_policy, name="export-policy"),
    path("exports/<int:pk>/cancel/", exports.cancel_export, name="export-cancel"),
    path("exports/<int:pk>/file/", exports.fetch_export, name="export-file"),
    path("intake/", intake.intake, name="intake"),
    path("intake/candidates/", intake.intake_candidates, name="intake-candidates"),
    path("intake/customer/", intake.intake_customer, name="intake-customer"),
    path("drafts/<str:place>/", drafts.draft, name="draft"),
    path("intake/origin/", intake.intake_origin, name="intake-origin"),
    path("intake/grant/", intake.intake_grant, name="intake-grant"),
    path("intake/similar/", intake.intake_similar, name="intake-similar"),
    path("intake/items/", intake.intake_items, name="intake-items"),
]
