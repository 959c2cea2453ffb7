"""Addresses of return visits."""

from django.urls import path

from onepoint.follow_ups.views import questionnaires, replies, rules, survey, visits

urlpatterns = [
    path("visits/", visits.list_visits, name="visit-list"),
    path("visits/next/", visits.claim_next, name="visit-next"),
    path("visits/of-ticket/<str:number>/", visits.visits_of_ticket, name="visits-of-ticket"),
    path("visits/of-customer/<str:number>/", visits.visits_of_customer, name="visits-of-customer"),
    path("visits/rules/", rules.list_rules, name="visit-rule-list"),
    path("visits/rules/new/", rules.create_rule, name="visit-rule-create"),
    path("visits/rules/<int:pk>/", rules.change_rule, name="visit-rule-detail"),
    path("visits/rules/<int:pk>/switch/", rules.switch_rule, name="visit-rule-switch"),
    path("visits/risk-words/", rules.list_risk_words, name="risk-word-list"),
    path("visits/risk-words/<int:pk>/switch/", rules.switch_risk_word, name="risk-word-switch"),
    path("visits/<int:pk>/", visits.show_visit, name="visit-detail"),
    path("visits/<int:pk>/claim/", visits.claim_visit, name="visit-claim"),
    path("visits/<int:pk>/release/", visits.release_visit, name="visit-release"),
    path("visits/<int:pk>/hand-over/", visits.hand_over_visit, name="visit-hand-over"),
    path("visits/<int:pk>/attempts/", visits.note_attempt, name="visit-attempt"),
    path("visits/<int:pk>/answers/", visits.answer_visit, name="visit-answer"),
    path("questionnaires/", questionnaires.list_questionnaires, name="questionnaire-list"),
    path("questionnaires/new/", questionnaires.create_questionnaire, name="questionnaire-create"),
    path("questionnaires/<slug:code>/", questionnaires.change_questionnaire, name="questionnaire-detail"),
    path("questionnaires/<slug:code>/preview/", questionnaires.preview_questionnaire, name="questionnaire-preview"),
    path("questionnaires/<slug:code>/publish/", questionnaires.publish_questionnaire, name="questionnaire-publish"),
    path("questionnaires/<slug:code>/switch/", questionnaires.switch_questionnaire, name="questionnaire-switch"),
    path("replies/", replies.list_replies, name="reply-list"),
    path("replies/rules/", replies.list_reply_rules, name="reply-rule-list"),
    path("replies/rules/<int:pk>/", replies.change_reply_rule, name="reply-rule-detail"),
    path("replies/of-ticket/<str:number>/", replies.reply_of_ticket, name="reply-of-ticket"),
    path("survey/<str:token>/", survey.answer_survey, name="survey"),
]
