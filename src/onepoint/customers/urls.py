from django.urls import path

from onepoint.customers.views import belongings, levels, records

urlpatterns = [
    path("customers/", records.customer_list, name="customer-list"),
    path("customers/new/", records.customer_create, name="customer-create"),
    path("customers/duplicates/", records.customer_duplicates, name="customer-duplicates"),
    path("customers/options/", records.customer_options, name="customer-options"),
    path("customers/levels/", levels.level_list, name="customer-level-list"),
    path("customers/levels/<int:level_id>/", levels.level_edit, name="customer-level-edit"),
    path("customers/<str:number>/", records.customer_detail, name="customer-detail"),
    path("customers/<str:number>/edit/", records.customer_edit, name="customer-edit"),
    path("customers/<str:number>/deactivate/", records.customer_deactivate, name="customer-deactivate"),
    path("customers/<str:number>/reactivate/", records.customer_reactivate, name="customer-reactivate"),
    path("customers/<str:number>/history/", records.customer_history, name="customer-history"),
    path("customers/<str:number>/<slug:part_key>/add/", belongings.belonging_add, name="customer-part-add"),
    path(
        "customers/<str:number>/<slug:part_key>/<int:row_id>/edit/",
        belongings.belonging_edit,
        name="customer-part-edit",
    ),
    path(
        "customers/<str:number>/<slug:part_key>/<int:row_id>/remove/",
        belongings.belonging_remove,
        name="customer-part-remove",
    ),
]
