from django.urls import path

from onepoint.integrations import views
from onepoint.integrations.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("api-keys/", views.list_api_keys, name="apikey-list"),
    path("api-keys/new/", views.create_api_key, name="apikey-create"),
    path("api-keys/<int:pk>/revoke/", views.revoke_api_key, name="apikey-revoke"),
]
