from django.urls import path

from onepoint.customers.views import attention, belongings, copies, hints, imports, levels, merging, records, tree

urlpatterns = [
    path("customers/", records.customer_list, name="customer-list"),
    path("customers/new/", records.customer_create, name="customer-create"),
    path("customers/duplicates/", records.customer_duplicates, name="customer-duplicates"),
    path("customers/options/", records.customer_options, name="customer-options"),
    path("customers/levels/", levels.level_list, name="customer-level-list"),
    path("customers/levels/<int:level_id>/", levels.level_edit, name="customer-level-edit"),
    path("customers/likely/", merging.pair_list, name="customer-pair-list"),
    path("customers/likely/<int:pair_id>/apart/", merging.pair_apart, name="customer-pair-apart"),
    path("customers/likely/<int:pair_id>/again/", merging.pair_again, name="customer-pair-again"),
    path("customers/merges/<int:merge_id>/undo/", merging.merge_undo, name="customer-merge-undo"),
    path("customers/attention/", attention.attention_list, name="attention-list"),
    path("customers/attention/<int:entry_id>/edit/", attention.attention_edit, name="attention-edit"),
    path("customers/attention/<int:entry_id>/remove/", attention.attention_remove, name="attention-remove"),
    path("customers/imports/", imports.import_list, name="customer-import-list"),
    path("customers/imports/<int:import_id>/", imports.import_detail, name="customer-import-detail"),
    path("customers/imports/<int:import_id>/mapping/", imports.import_mapping, name="customer-import-mapping"),
    path("customers/imports/<int:import_id>/<slug:verb>/", imports.import_act, name="customer-import-act"),
    path(
        "customers/imports/<int:import_id>/report.<slug:ending>", imports.import_report, name="customer-import-report"
    ),
    path("customers/<str:number>/", records.customer_detail, name="customer-detail"),
    path("customers/<str:number>/edit/", records.customer_edit, name="customer-edit"),
    path("customers/<str:number>/deactivate/", records.customer_deactivate, name="customer-deactivate"),
    path("customers/<str:number>/reactivate/", records.customer_reactivate, name="customer-reactivate"),
    path("customers/<str:number>/relations/", records.customer_relations, name="customer-relations"),
    path("customers/<str:number>/hints/", hints.customer_hints, name="customer-hints"),
    path("customers/<str:number>/history/", records.customer_history, name="customer-history"),
    path("customers/<str:number>/merge/", merging.merge_choose, name="customer-merge-choose"),
    path("customers/<str:number>/merge/<str:other>/", merging.merge, name="customer-merge"),
    path("customers/<str:number>/attention/add/", attention.attention_add, name="attention-add"),
    path("customers/<str:number>/copy/", copies.customer_copy, name="customer-copy"),
    path("customers/<str:number>/place/", tree.customer_place, name="customer-place"),
    path("customers/<str:number>/place/leave/", tree.customer_take_out, name="customer-take-out"),
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
