"""What the desk holds of a customer and loses when the customer is erased."""

from onepoint.customers.erasing import Holding, register_holding
from onepoint.workspace.models import Arrival

register_holding(
    Holding(
        700,
        "arrival",
        Arrival,
        lambda erased: Arrival.objects.filter(customer__in=list(erased.ids)),
        cleared={"number": ""},
    )
)
