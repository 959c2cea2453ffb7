"""Appeals: filed once and in time, re-judged in a ticket of their own, settled with the end of its process."""

from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.quality import policies, refusals
from onepoint.quality.models import Appeal, Mark
from onepoint.quality.services.marks import SUBJECT, locked_mark, move_mark, settle_mark
from onepoint.quality.services.recording import record, tell
from onepoint.quality.states import AppealState
from onepoint.sla.services.moments import cancel_moments
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Category
from onepoint.tickets.services import NewTicket
from onepoint.tickets.services.categories import CategoryItems
from onepoint.tickets.states import TicketKind
from onepoint.workflow.models import ProcessInstance
from onepoint.workflow.news import InstanceNews

#: The delivered process, and the category appeals are filed under.
PROCESS, CATEGORY = "appeal", "mark_appeal"
_KEYS = UUID("6f1f7f6e-33c4-4d57-9f61-0b8f4f2c7d10")


def appeal_category() -> Category:
    """The category of appeals, made where the house has none yet."""
    found = Category.objects.filter(code=CATEGORY).first()
    if found is not None:
        return found
    items = CategoryItems(
        code=CATEGORY, name="不合格判定申诉", name_en="Appeal of a mark", kinds=[TicketKind.APPEAL.value],
        process_key=PROCESS, position_order=90,
    )  # fmt: skip
    return tickets.create_category(items, by=None)


@transaction.atomic
def file_appeal(mark: Mark, *, reason: str, by: User) -> Appeal:
    """Disagree with a mark: it waits for its outcome and is re-judged by others.

    Raises NotYoursToAppeal, AppealedAlready, MarkStateForbids, MarkIsFinal, InvalidInput.
    """
    row = locked_mark(mark)
    require(policies.why_not_appeal(row, by))
    why = clean(reason)[:4000]
    if not why:
        raise InvalidInput({"reason": _("Please say why you disagree.")})
    cancel_moments((SUBJECT, row.pk))
    move_mark(row, "appeal")
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(mark=row, reason=why, filed_by=by, filed_at=clock.now())
    except IntegrityError as twice:
        raise refusals.AppealedAlready from twice
    appeal.ticket = tickets.create_ticket(_ticket_of(row, why, by), by=None)
    appeal.save(update_fields=["ticket"])
    record("appealed", row, by=by, reason=why)
    tell("mark.appealed", row, [row.marked_by_id, row.person_id], by=by, words=why[:300])
    return appeal


def _ticket_of(mark: Mark, reason: str, by: User) -> NewTicket:
    """The ticket an appeal runs in: opened by the house, owned by who appealed, never handled by who is concerned."""
    concerned: dict[str, Any] = {
        "mark_number": mark.number, "marked_ticket": mark.ticket.number, "appellant": by.pk,
        "barred": sorted({mark.marked_by_id, mark.person_id, by.pk}),
    }  # fmt: skip
    about = [f"{mark.number} · {mark.ticket.number}", mark.code.full_label, mark.words, "", reason]
    return NewTicket(
        kind=TicketKind.APPEAL, category=appeal_category(), channel=Channel.WEB, owner=by, unit=mark.unit,
        title=f"{mark.code.code} {mark.code.name} · {mark.ticket.number}", description="\n".join(about).strip(),
        region=mark.region, variables=concerned, request_key=uuid5(_KEYS, str(mark.pk)),
    )  # fmt: skip


@transaction.atomic
def settle_appeal(instance: InstanceNews, *, by: User | None) -> None:
    """The process of an appeal has ended: the mark follows its verdict, in the same transaction.

    Without a verdict (the ticket was aborted or withdrawn) the mark stands as if nobody had appealed.
    """
    appeal = Appeal.objects.filter(ticket=instance.subject_id, state=AppealState.RUNNING).select_related("mark").first()
    if appeal is None:
        return
    verdict = ProcessInstance.objects.values_list("variables__verdict", flat=True).get(pk=instance.id)
    state = AppealState(verdict) if verdict in (AppealState.UPHELD, AppealState.OVERTURNED) else AppealState.DROPPED
    Appeal.objects.filter(pk=appeal.pk).update(state=state, decided_by=by, decided_at=clock.now())
    if state == AppealState.DROPPED:
        _drop(appeal.mark, by)
        return
    verb = "uphold" if state == AppealState.UPHELD else "overturn"
    settle_mark(appeal.mark, verb, words=_last_words(instance.id), by=by)


def _drop(mark: Mark, by: User | None) -> None:
    row = locked_mark(mark)
    move_mark(row, "drop_appeal", is_final=True)
    record("appeal_dropped", row, by=by)


def _last_words(instance_id: int) -> str:
    """What whoever decided wrote."""
    instance = ProcessInstance.objects.get(pk=instance_id)
    opinions = instance.opinions.exclude(text="").order_by("-id").values_list("text", flat=True)
    return str(opinions.first() or "")[:1000]
