"""Addresses of regulators and their cases."""

from django.urls import path

from onepoint.regulators.views import cases, regulators

urlpatterns = [
    path("regulator-cases/", cases.list_cases, name="regulator-case-list"),
    path("regulator-cases/new/", cases.register_case, name="regulator-case-create"),
    path("regulator-cases/<str:number>/", cases.show_case, name="regulator-case-detail"),
    path("regulator-cases/<str:number>/take-up/", cases.take_up_case, name="regulator-case-take-up"),
    path("regulator-cases/<str:number>/answer/", cases.answer_case, name="regulator-case-answer"),
    path("regulator-cases/<str:number>/close/", cases.close_case, name="regulator-case-close"),
    path("regulator-cases/<str:number>/files/<int:pk>/", cases.read_file, name="regulator-case-file"),
    path("tickets/<str:number>/regulator-cases/", cases.cases_of_ticket, name="ticket-regulator-cases"),
    path("regulators/", regulators.list_regulators, name="regulator-list"),
    path("regulators/new/", regulators.create_regulator, name="regulator-create"),
    path("regulators/<int:pk>/", regulators.change_regulator, name="regulator-detail"),
]
