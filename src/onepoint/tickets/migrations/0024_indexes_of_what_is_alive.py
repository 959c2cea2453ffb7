from django.db import migrations, models
from django.db.models import Q

from onepoint.core.index_building import BuildIndex


class Migration(migrations.Migration):
    atomic = False  # the tables may be large, and people go on working
    dependencies = [("tickets", "0023_watchers_of_finished_tickets")]
    operations = [
        BuildIndex(
            "watcher",
            models.Index(
                fields=["user", "is_copied"], include=["ticket"], name="watched_alive", condition=Q(is_alive=True)
            ),
        ),
        BuildIndex(
            "ticket",
            models.Index(
                fields=["created_by"],
                name="ticket_alive_started",
                condition=Q(status__in=["open", "handling", "on_hold", "replying", "visiting", "resolved"]),
            ),
        ),
    ]
