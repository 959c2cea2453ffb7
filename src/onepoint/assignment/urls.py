from django.urls import path

from onepoint.assignment.views import setting_up, shell

urlpatterns = [
    path("agent/bar/", shell.agent_bar, name="agent-bar"),
    path("agent/state/", shell.agent_state, name="agent-state"),
    path("offers/<int:pk>/accept/", shell.offer_accept, name="offer-accept"),
    path("offers/<int:pk>/decline/", shell.offer_decline, name="offer-decline"),
    path("queues/", setting_up.queue_list, name="queue-list"),
    path("queues/new/", setting_up.queue_create, name="queue-create"),
    path("queues/live/", setting_up.queue_overview, name="queue-overview"),
    path("queues/skills/new/", setting_up.skill_create, name="skill-create"),
    path("queues/<slug:code>/", setting_up.queue_change, name="queue-change"),
    path("agents/", setting_up.agent_list, name="agent-list"),
    path("agents/<str:username>/", setting_up.agent_change, name="agent-change"),
    path("agents/<str:username>/state/", setting_up.agent_set_state, name="agent-set-state"),
]
