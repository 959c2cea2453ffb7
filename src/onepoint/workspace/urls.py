from django.urls import path

from onepoint.workspace.views import desk

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("search/", desk.search, name="search"),
]
