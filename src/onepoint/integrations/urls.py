from django.urls import path

from onepoint.integrations.api import api
from onepoint.integrations.views import api_keys, watching

urlpatterns = [
    path("api/v1/", api.urls),
    path("api-keys/", api_keys.list_api_keys, name="apikey-list"),
    path("api-keys/new/", api_keys.create_api_key, name="apikey-create"),
    path("api-keys/<int:pk>/revoke/", api_keys.revoke_api_key, name="apikey-revoke"),
    path("system/", watching.show_condition, name="house-condition"),
    path("system/jobs/<int:pk>/retry/", watching.retry_job, name="house-job-retry"),
    path("system/jobs/<int:pk>/skip/", watching.skip_job, name="house-job-skip"),
    path("system/slow-statements/", watching.list_slow_statements, name="slow-statement-list"),
    path("system/slow-statements/forget/", watching.forget_slow_statements, name="slow-statement-forget"),
]
