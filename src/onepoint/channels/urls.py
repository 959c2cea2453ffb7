from django.urls import path

from onepoint.channels.views import journal as views

urlpatterns = [
    path("contacts/", views.contact_list, name="contact-list"),
    path("contacts/<str:number>/", views.contact_detail, name="contact-detail"),
    path("contacts/<str:number>/solve/", views.contact_solve, name="contact-solve"),
    path("customers/<str:number>/contacts/", views.contacts_of_customer, name="contact-of-customer"),
]
