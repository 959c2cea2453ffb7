from django.urls import path

from onepoint.notifications.views import conversations, preferences, reading, rules, webhooks, wordings

_TEXT = "notifications/texts/<str:name>/<str:way>/<str:language>/"

urlpatterns = [
    path("notifications/", reading.list_notifications, name="notification-list"),
    path("notifications/bell/", reading.show_bell, name="notification-bell"),
    path("notifications/newest/", reading.newest_notifications, name="notification-newest"),
    path("notifications/read/", reading.read_all_notifications, name="notification-read-all"),
    path("notifications/<int:pk>/", reading.open_notification, name="notification-open"),
    path("notifications/<int:pk>/read/", reading.read_notification, name="notification-read"),
    path("notifications/preferences/", preferences.choose_ways, name="notification-preferences"),
    path("notifications/preferences/forget/", preferences.forget_preference, name="notification-preferences-forget"),
    path("notifications/rules/", rules.change_rules, name="notification-rules"),
    path("notifications/rules/roles/<str:code>/", rules.change_role_default, name="notification-role"),
    path("notifications/texts/", wordings.list_wordings, name="notification-texts"),
    path(_TEXT, wordings.change_wording, name="notification-text"),
    path(f"{_TEXT}reset/", wordings.reset_wording, name="notification-text-reset"),
    path("messages/", conversations.list_conversations, name="conversation-list"),
    path("messages/newest/", conversations.newest_conversations, name="conversation-newest"),
    path("messages/new/", conversations.begin_conversation, name="conversation-create"),
    path("messages/duty/", conversations.begin_duty_conversation, name="conversation-duty"),
    path("messages/availability/", conversations.choose_availability, name="availability-choose"),
    path("messages/<int:pk>/", conversations.show_conversation, name="conversation-detail"),
    path("messages/<int:pk>/part/", conversations.show_messages, name="conversation-messages"),
    path("messages/<int:pk>/write/", conversations.write_message, name="conversation-write"),
    path("messages/<int:pk>/read/", conversations.read_conversation, name="conversation-read"),
    path("messages/<int:pk>/people/", conversations.add_people, name="conversation-people"),
    path("messages/<int:pk>/leave/", conversations.leave_conversation, name="conversation-leave"),
    path("webhooks/", webhooks.list_subscriptions, name="webhook-list"),
    path("webhooks/new/", webhooks.create_subscription, name="webhook-create"),
    path("webhooks/<int:pk>/", webhooks.change_subscription, name="webhook-change"),
    path("webhooks/<int:pk>/remove/", webhooks.unsubscribe, name="webhook-remove"),
]
