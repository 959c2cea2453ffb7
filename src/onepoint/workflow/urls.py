from django.urls import path

from onepoint.workflow.views import comparing, designer, incidents, instances, moves, processes

urlpatterns = [
    path("processes/", processes.list_processes, name="process-list"),
    path("processes/deploy/", processes.deploy_process, name="process-deploy"),
    path("processes/new/", designer.create_process, name="process-create"),
    path("processes/expression/", designer.check_expression, name="process-expression"),
    path("processes/<slug:key>/", processes.show_process, name="process-detail"),
    path("processes/<slug:key>/<int:number>/bpmn", processes.serve_version, name="process-bpmn"),
    path("processes/<slug:key>/<int:number>/publish/", processes.publish_process, name="process-publish"),
    path("processes/<slug:key>/compare/", comparing.compare_versions, name="process-compare"),
    path("processes/<slug:key>/moves/", moves.move_instances, name="process-moves"),
    path("processes/<slug:key>/moves/<int:pk>/", moves.show_move, name="process-move"),
    path("processes/<slug:key>/design/", designer.design_process, name="process-design"),
    path("processes/<slug:key>/design/drawing.json", designer.serve_drawing, name="process-drawing"),
    path("processes/<slug:key>/design/save/", designer.save_draft, name="process-draft-save"),
    path("processes/<slug:key>/design/check/", designer.check_drawing, name="process-check"),
    path("processes/<slug:key>/design/try/", designer.try_drawing, name="process-trial"),
    path("processes/<slug:key>/design/publish/", designer.publish_draft, name="process-draft-publish"),
    path("processes/<slug:key>/design/begin/", designer.begin_draft, name="process-draft-begin"),
    path("processes/<slug:key>/design/discard/", designer.discard_draft, name="process-draft-discard"),
    path("processes/<slug:key>/design/aside/<int:pk>/bpmn", designer.serve_set_aside, name="process-set-aside"),
    path("instances/<int:pk>/bpmn", instances.serve_instance, name="instance-bpmn"),
    path("instances/<int:pk>/picture.json", instances.serve_picture, name="instance-picture"),
    path("incidents/", incidents.list_incidents, name="incident-list"),
    path("incidents/<int:pk>/retry/", incidents.retry_incident, name="incident-retry"),
]
