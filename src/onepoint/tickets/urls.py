"""Addresses of tickets, the category tree and the severity standard."""

from django.urls import path

from onepoint.tickets.views import actions, categories, detail, files, lists, severities

urlpatterns = [
    path("tickets/", lists.list_tickets, name="ticket-list"),
    path("tickets/of-customer/<str:number>/open/", lists.open_of_customer, name="ticket-open-of-customer"),
    path("tickets/of-customer/<str:number>/closed/", lists.closed_of_customer, name="ticket-closed-of-customer"),
    path("tickets/<str:number>/", detail.show_ticket, name="ticket-detail"),
    path("tickets/<str:number>/picture/", detail.show_picture, name="ticket-picture"),
    path("tickets/<str:number>/correct/", actions.correct_ticket, name="ticket-correct"),
    path("tickets/<str:number>/withdraw/", actions.withdraw_ticket, name="ticket-withdraw"),
    path("tickets/<str:number>/reopen/", actions.reopen_ticket, name="ticket-reopen"),
    path("tickets/<str:number>/terminate/", actions.terminate_process, name="ticket-terminate"),
    path("tickets/<str:number>/watch/", actions.watch_ticket, name="ticket-watch"),
    path("tickets/<str:number>/unwatch/", actions.unwatch_ticket, name="ticket-unwatch"),
    path("tickets/<str:number>/tasks/<int:pk>/claim/", actions.claim_task, name="ticket-task-claim"),
    path("tickets/<str:number>/tasks/<int:pk>/release/", actions.release_task, name="ticket-task-release"),
    path("tickets/<str:number>/tasks/<int:pk>/complete/", actions.complete_task, name="ticket-task-complete"),
    path("tickets/<str:number>/tasks/<int:pk>/send-back/", actions.send_back_task, name="ticket-task-send-back"),
    path("tickets/<str:number>/tasks/<int:pk>/reassign/", actions.reassign_task, name="ticket-task-reassign"),
    path("tickets/<str:number>/tasks/<int:pk>/recall/", actions.recall_task, name="ticket-task-recall"),
    path("tickets/<str:number>/files/", files.add_file, name="ticket-file-add"),
    path("tickets/<str:number>/files/<int:pk>/", files.read_file, name="ticket-file"),
    path("tickets/<str:number>/files/<int:pk>/replace/", files.replace_file, name="ticket-file-replace"),
    path("tickets/<str:number>/files/<int:pk>/delete/", files.delete_file, name="ticket-file-delete"),
    path("categories/", categories.list_categories, name="category-list"),
    path("categories/options/", categories.category_options, name="category-options"),
    path("categories/new/", categories.create_category, name="category-create"),
    path("categories/<int:pk>/", categories.change_category, name="category-detail"),
    path("categories/<int:pk>/deactivate/", categories.deactivate_category, name="category-deactivate"),
    path("severities/", severities.list_severities, name="severity-list"),
    path("severities/new/", severities.create_severity, name="severity-create"),
    path("severities/<slug:code>/", severities.change_severity, name="severity-detail"),
]
