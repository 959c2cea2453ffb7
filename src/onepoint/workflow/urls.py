from django.urls import path

from onepoint.workflow import views

urlpatterns = [
    path("processes/", views.list_processes, name="process-list"),
    path("processes/deploy/", views.deploy_process, name="process-deploy"),
    path("processes/<slug:key>/", views.show_process, name="process-detail"),
    path("processes/<slug:key>/<int:number>/bpmn", views.serve_version, name="process-bpmn"),
    path("processes/<slug:key>/<int:number>/publish/", views.publish_process, name="process-publish"),
    path("instances/<int:pk>/bpmn", views.serve_instance, name="instance-bpmn"),
    path("instances/<int:pk>/picture.json", views.serve_picture, name="instance-picture"),
    path("incidents/", views.list_incidents, name="incident-list"),
    path("incidents/<int:pk>/retry/", views.retry_incident, name="incident-retry"),
]
