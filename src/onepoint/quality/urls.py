"""Addresses of inspection."""

from django.urls import URLPattern, path

from onepoint.quality.views import appeals, figures, hidden_risks, marks, rectifications, standard

# The standard, marks, appeals, rectifications.
urlpatterns: list[URLPattern] = [
    path("standard/", standard.show_standard, name="standard"),
    path("standard/draft/", standard.change_draft, name="standard-draft"),
    path("standard/draft/begin/", standard.begin_draft, name="standard-draft-begin"),
    path("standard/draft/discard/", standard.discard_draft, name="standard-draft-discard"),
    path("standard/draft/publish/", standard.publish_draft, name="standard-publish"),
    path("standard/versions/<int:number>/", standard.show_version, name="standard-version"),
    path("standard/versions/<int:number>/print/", standard.print_standard, name="standard-print"),
    path("standard/versions/<int:number>/compare/", standard.compare_standards, name="standard-compare"),
    path("marks/", marks.list_marks, name="mark-list"),
    path("marks/mine/", marks.list_own_marks, name="mark-own"),
    path("marks/figures/", figures.show_mark_figures, name="mark-figures"),
    path("marks/<str:number>/", marks.show_mark, name="mark-detail"),
    path("marks/<str:number>/withdraw/", marks.withdraw_mark, name="mark-withdraw"),
    path("marks/<str:number>/appeal/", appeals.file_appeal, name="mark-appeal"),
    path("tickets/<str:number>/marks/", marks.marks_of_ticket, name="ticket-marks"),
    path("tickets/<str:number>/marks/new/", marks.mark_ticket, name="ticket-mark"),
    path("rectifications/", rectifications.list_rectifications, name="rectification-list"),
    path("rectifications/new/", rectifications.ask_rectification, name="rectification-create"),
    path("rectifications/<str:number>/", rectifications.show_rectification, name="rectification-detail"),
    path("rectifications/<str:number>/hand-in/", rectifications.hand_in_rectification, name="rectification-hand-in"),
    path("rectifications/<str:number>/decide/", rectifications.decide_rectification, name="rectification-decide"),
    path("rectifications/<str:number>/files/<int:pk>/", rectifications.read_file, name="rectification-file"),
]

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
