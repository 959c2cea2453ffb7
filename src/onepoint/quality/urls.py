"""Addresses of inspection."""

from django.urls import URLPattern, path

from onepoint.quality.views import hidden_risks

# The standard, marks, appeals, rectifications.
urlpatterns: list[URLPattern] = []

# Score cards, sampling plans, inspections, coaching.
urlpatterns += []

# Hidden risks.
urlpatterns += [
    path("hidden-risks/", hidden_risks.list_risks, name="hidden-risk-list"),
    path("hidden-risks/counts/", hidden_risks.count_risks, name="hidden-risk-counts"),
    path("hidden-risks/waiting/", hidden_risks.waiting_risks, name="hidden-risk-waiting"),
    path("hidden-risks/new/", hidden_risks.raise_risk, name="hidden-risk-create"),
    path("hidden-risks/<str:number>/", hidden_risks.show_risk, name="hidden-risk-detail"),
    path("hidden-risks/<str:number>/accept/", hidden_risks.accept_risk, name="hidden-risk-accept"),
    path("hidden-risks/<str:number>/refuse/", hidden_risks.move_risk, {"verb": "refuse"}, name="hidden-risk-refuse"),
    path("hidden-risks/<str:number>/insist/", hidden_risks.move_risk, {"verb": "insist"}, name="hidden-risk-insist"),
    path("hidden-risks/<str:number>/start/", hidden_risks.move_risk, {"verb": "start"}, name="hidden-risk-start"),
    path("hidden-risks/<str:number>/verify/", hidden_risks.move_risk, {"verb": "verify"}, name="hidden-risk-verify"),
    path("hidden-risks/<str:number>/remove/", hidden_risks.remove_risk, name="hidden-risk-remove"),
    path("hidden-risks/<str:number>/send-back/", hidden_risks.send_back_removal, name="hidden-risk-send-back"),
    path("hidden-risks/<str:number>/files/<int:pk>/", hidden_risks.read_file, name="hidden-risk-file"),
    path("tickets/<str:number>/hidden-risks/", hidden_risks.risks_of_ticket, name="ticket-hidden-risks"),
]
