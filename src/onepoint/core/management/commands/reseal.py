"""``./onepoint manage reseal``: seal everything anew, after the secret key was changed."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from onepoint.core.resealing import reseal_everything


class Command(BaseCommand):
    help = (
        "Seals secrets and ID numbers anew under the present secret key. The old one is still named in "
        "ONEPOINT_OLD_SECRET_KEYS meanwhile. May be broken off and run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done: Counter[str] = Counter()
        for name, count in reseal_everything():
            done[name] += count
        for name, total in sorted(done.items()):
            self.stdout.write(f"{name:<32}{total:>12,}")
        self.stdout.write("Everything is sealed with the present key. ONEPOINT_OLD_SECRET_KEYS can be emptied now.")
