"""Addresses of the short messages of a ticket."""

from django.urls import path

from onepoint.tickets.views import texting

urlpatterns = [
    path("tickets/<str:number>/texts/", texting.show_texts, name="ticket-texts"),
    path("tickets/<str:number>/texts/write/", texting.write_text, name="ticket-text-write"),
]
