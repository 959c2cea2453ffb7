from django.urls import path

from onepoint.notifications.views import reading

urlpatterns = [
    path("notifications/", reading.list_notifications, name="notification-list"),
    path("notifications/bell/", reading.show_bell, name="notification-bell"),
    path("notifications/newest/", reading.newest_notifications, name="notification-newest"),
    path("notifications/read/", reading.read_all_notifications, name="notification-read-all"),
    path("notifications/<int:pk>/", reading.open_notification, name="notification-open"),
    path("notifications/<int:pk>/read/", reading.read_notification, name="notification-read"),
]
