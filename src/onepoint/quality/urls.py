"""Addresses of inspection."""

from django.urls import URLPattern, path

from onepoint.quality.views import (
    appeals,
    figures,
    hidden_risks,
    inspection_figures,
    inspections,
    marks,
    plans,
    rectifications,
    scorecards,
    standard,
)

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
    path("rectifications/waiting/", rectifications.waiting_rectifications, name="rectification-waiting"),
    path("rectifications/new/", rectifications.ask_rectification, name="rectification-create"),
    path("rectifications/<str:number>/", rectifications.show_rectification, name="rectification-detail"),
    path("rectifications/<str:number>/hand-in/", rectifications.hand_in_rectification, name="rectification-hand-in"),
    path("rectifications/<str:number>/decide/", rectifications.decide_rectification, name="rectification-decide"),
    path("rectifications/<str:number>/files/<int:pk>/", rectifications.read_file, name="rectification-file"),
]

# Score cards, sampling plans, inspections, coaching.
urlpatterns += [
    path("scorecards/", scorecards.list_scorecards, name="scorecard-list"),
    path("scorecards/new/", scorecards.create_scorecard, name="scorecard-create"),
    path("scorecards/<slug:code>/", scorecards.change_scorecard, name="scorecard-detail"),
    path("scorecards/<slug:code>/preview/", scorecards.preview_scorecard, name="scorecard-preview"),
    path("scorecards/<slug:code>/publish/", scorecards.publish_scorecard, name="scorecard-publish"),
    path("scorecards/<slug:code>/switch/", scorecards.switch_scorecard, name="scorecard-switch"),
    path("sampling-plans/", plans.list_plans, name="sampling-plan-list"),
    path("sampling-plans/new/", plans.create_plan, name="sampling-plan-create"),
    path("sampling-plans/<int:pk>/", plans.show_plan, name="sampling-plan-detail"),
    path("sampling-plans/<int:pk>/change/", plans.change_plan, name="sampling-plan-change"),
    path("sampling-plans/<int:pk>/draw/", plans.draw_plan, name="sampling-plan-draw"),
    path("sampling-plans/<int:pk>/switch/", plans.switch_plan, name="sampling-plan-switch"),
    path("scorings/", inspections.list_scorings, name="scoring-list"),
    path("scorings/next/", inspections.claim_next, name="scoring-next"),
    path("scorings/<int:pk>/", inspections.score, name="scoring-detail"),
    path("scorings/<int:pk>/claim/", inspections.claim_scoring, name="scoring-claim"),
    path("scorings/<int:pk>/release/", inspections.release_scoring, name="scoring-release"),
    path("scorings/<int:pk>/hand-over/", inspections.hand_over_scoring, name="scoring-hand-over"),
    path("inspections/", inspections.list_inspections, name="inspection-list"),
    path("inspections/mine/", inspections.list_results, name="inspection-own"),
    path("inspections/figures/", inspection_figures.show_figures, name="inspection-figures"),
    path("inspections/agreement/", inspection_figures.show_agreement, name="inspection-agreement"),
    path("inspections/<int:pk>/", inspections.show_inspection, name="inspection-detail"),
    path("inspections/<int:pk>/acknowledge/", inspections.acknowledge_result, name="inspection-acknowledge"),
    path("inspections/<int:pk>/appeal/", inspections.appeal_result, name="inspection-appeal"),
]

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
