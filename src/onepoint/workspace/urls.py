from django.urls import path

from onepoint.workspace.views import desk, intake

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("search/", desk.search, name="search"),
    path("intake/", intake.intake, name="intake"),
    path("intake/candidates/", intake.intake_candidates, name="intake-candidates"),
    path("intake/customer/", intake.intake_customer, name="intake-customer"),
    path("intake/items/", intake.intake_items, name="intake-items"),
]
