from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "onepoint.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from onepoint.accounts import permissions
        from onepoint.accounts.levels import Levels
        from onepoint.accounts.levels import register as register_levels
        from onepoint.core.resealing import register_resealer
        from onepoint.core.rest import register_router
        from onepoint.customers import (  # noqa: F401  (each registers its own)
            navigation,
            own_copy,
            own_erasure,
            own_retention,
            queries,
            verbs,
            verification,
        )
        from onepoint.customers.sealing_ids import seal_id_numbers

        register_resealer("ID numbers of customers", seal_id_numbers)

        register_levels(Levels(queries.level_choices, queries.levels_between))
        permissions.name_noun("customer", self.verbose_name)
        permissions.name_noun("customer_level", self.verbose_name)
        permissions.register("customer.view", _("See customers"))
        permissions.register("customer.create", _("Register customers"))
        permissions.register("customer.edit", _("Change customers and what they own"))
        permissions.register("customer.import", _("Bring customers in from files"))
        permissions.register("customer.merge", _("Merge customers and undo it"))
        permissions.register("customer.copy_data", _("Have all data of one customer written for the customer"))
        permissions.register("customer.erase", _("Ask for a customer to be erased"))
        permissions.register("customer.confirm_erasure", _("Confirm the erasure of customers others asked for"))
        permissions.register("customer.hold", _("Put customers under a legal hold and lift it"))
        permissions.name_noun("retention", self.verbose_name)
        permissions.register("retention.manage", _("Say how long files are kept"))
        permissions.name_noun("attention", self.verbose_name)
        permissions.register("attention.view", _("See the attention list"))
        permissions.register("attention.manage", _("Put customers on the attention list"))
        permissions.register("customer_level.manage", _("Change customer levels"))
        register_router("/customers", "onepoint.customers.api.router", "Customers")
