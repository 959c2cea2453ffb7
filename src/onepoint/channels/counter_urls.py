"""Addresses of the counter: window, kiosk, waiting lines; and those of visitors, which need no login."""

from django.urls import path

from onepoint.channels.views import counter

urlpatterns = [
    path("counter/", counter.counter, name="counter"),
    path("counter/window/", counter.counter_window, name="counter-window"),
    path("counter/call/", counter.counter_call, name="counter-call"),
    path("counter/numbers/<int:pk>/<slug:verb>/", counter.number_act, name="counter-number-act"),
    path("counter/lines/", counter.counter_queue_list, name="counter-queue-list"),
    path("counter/lines/new/", counter.counter_queue_create, name="counter-queue-create"),
    path("counter/lines/<int:pk>/", counter.counter_queue_change, name="counter-queue-change"),
    path("counter/lines/<int:pk>/windows/", counter.counter_window_save, name="counter-window-save"),
    path("counter/kiosk/<int:pk>/", counter.kiosk, name="kiosk"),
    path("counter/kiosk/<int:pk>/<str:token>/", counter.kiosk_number, name="kiosk-number"),
    path("hall/screen/<str:token>/", counter.hall_screen, name="hall-screen"),
    path("hall/number/<str:token>/", counter.hall_number, name="hall-number"),
    path("contacts/<str:number>/visit/", counter.visit_of_contact, name="visit-of-contact"),
]
