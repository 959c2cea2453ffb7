"""Erasures that wait are told to those who may confirm them; the decision to whoever asked."""

from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from onepoint.accounts.models import User
from onepoint.customers import queries
from onepoint.customers.models import Erasure
from onepoint.customers.signals import erasure_asked, erasure_decided
from onepoint.customers.states import ErasureState
from onepoint.notifications.services import notify


def _page_of(erasure: Erasure) -> str:
    return reverse("customer-erasure", args=[erasure.customer.number])


@receiver(erasure_asked, dispatch_uid="workspace.tell_confirmers")
def tell_confirmers(erasure: Erasure, **_more: Any) -> None:
    notify(
        "erasure.asked", queries.confirmers_of(erasure), key=f"erasure.asked/{erasure.pk}",
        facts={"customer": erasure.customer.number}, subject=("customer", erasure.customer_id), url=_page_of(erasure),
        by=erasure.asked_by,
    )  # fmt: skip


@receiver(erasure_decided, dispatch_uid="workspace.tell_who_asked_for_erasure")
def tell_who_asked(erasure: Erasure, by: User, **_more: Any) -> None:
    """Nothing is told of what one took back oneself."""
    if by.pk == erasure.asked_by_id:
        return
    facts = {"customer": erasure.customer.number}
    for language, suffix in (("zh-hans", ""), ("en", "_en")):
        with translation.override(language):
            is_refused = erasure.state == ErasureState.REFUSED
            facts[f"outcome{suffix}"] = gettext("refused") if is_refused else gettext("confirmed")
    notify(
        "erasure.decided", [erasure.asked_by_id], key=f"erasure.decided/{erasure.pk}", facts=facts,
        subject=("customer", erasure.customer_id), url=_page_of(erasure), by=by,
    )  # fmt: skip
