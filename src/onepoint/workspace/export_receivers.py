"""Exports held back are told to those who may approve them; the decision to whoever asked."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.core.export_approval import export_decided, export_held
from onepoint.core.models import Export
from onepoint.workspace import services


@receiver(export_held, dispatch_uid="workspace.tell_approvers")
def tell_approvers(export: Export, **_more: Any) -> None:
    services.tell_approvers(export, by=None)


@receiver(export_decided, dispatch_uid="workspace.tell_asker")
def tell_asker(export: Export, by: User, **_more: Any) -> None:
    services.tell_asker(export, by=by)
