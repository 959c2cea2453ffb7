from django.apps import AppConfig
from django.db import models


class NextReleaseConfig(AppConfig):
    name = "next_release"

    def ready(self) -> None:
        """The new code reads and writes the column; the code before it knows nothing of it."""
        from onepoint.customers.models import Customer

        models.CharField(max_length=20, null=True, default="new").contribute_to_class(Customer, "release_note")
