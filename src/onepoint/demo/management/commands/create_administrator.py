"""``./onepoint manage create_administrator``: the first person who can log in to a house without the demo."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from onepoint.accounts import services
from onepoint.accounts.models import LoginPolicy, OrgUnit, Role
from onepoint.accounts.states import SecondFactorFor, UnitKind
from onepoint.core import export_approval
from onepoint.core.errors import BusinessError
from onepoint.demo.starter import load_starter


def _begin_strictly() -> None:
    """A new house asks administrators for a second factor, and a second person for large exports."""
    if not LoginPolicy.objects.exists():
        services.change_login_policy(second_factor=SecondFactorFor.ADMINISTRATORS, by=None)
    if export_approval.export_policy() is None:
        export_approval.change_export_policy(is_on=True, most_rows=1000, most_personal_values=0, by=None)


class Command(BaseCommand):
    help = "Creates an administrator, and the head office as the first unit where there is none."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username", help="staff number")
        parser.add_argument("--name", required=True, help="full name")
        parser.add_argument("--head-office", default="总部", help="name of the first unit where there is none")
        parser.add_argument(
            "--password", help="asked for when missing; visible to others on this machine when given here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = options["password"] or getpass.getpass("Password: ")
        try:
            with transaction.atomic():
                load_starter()
                unit = OrgUnit.objects.filter(parent=None).first() or services.create_unit(
                    code="head-office", name=options["head_office"], kind=UnitKind.HEAD_OFFICE, by=None
                )
                person = services.create_person(
                    username=options["username"],
                    name=options["name"],
                    unit=unit,
                    password=password,
                    must_change_password=False,
                    by=None,
                )
                services.grant_role(person, role=Role.objects.get(code="admin"), unit=unit, by=None)
                _begin_strictly()
        except BusinessError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{person.username} may log in.")
