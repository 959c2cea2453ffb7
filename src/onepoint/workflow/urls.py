from django.urls import path

from onepoint.workflow.views import incidents, instances, processes

urlpatterns = [
    path("processes/", processes.list_processes, name="process-list"),
    path("processes/deploy/", processes.deploy_process, name="process-deploy"),
    path("processes/<slug:key>/", processes.show_process, name="process-detail"),
    path("processes/<slug:key>/<int:number>/bpmn", processes.serve_version, name="process-bpmn"),
    path("processes/<slug:key>/<int:number>/publish/", processes.publish_process, name="process-publish"),
    path("instances/<int:pk>/bpmn", instances.serve_instance, name="instance-bpmn"),
    path("instances/<int:pk>/picture.json", instances.serve_picture, name="instance-picture"),
    path("incidents/", incidents.list_incidents, name="incident-list"),
    path("incidents/<int:pk>/retry/", incidents.retry_incident, name="incident-retry"),
]
