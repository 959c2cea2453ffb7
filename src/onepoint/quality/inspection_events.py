"""What people are told about inspections and coaching, with the delivered texts."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.notifications.registry import Event, Variable, register_event
from onepoint.notifications.services import notify
from onepoint.quality.models import Inspection, SamplingDraw, Scoring

RESULT, HANDED_OUT, ARBITRATION, APPEALED, RESCORED = (
    "inspection.result", "inspection.handed_out", "inspection.arbitration", "inspection.appealed", "inspection.rescored",
)  # fmt: skip
TRAINING, MEETING, LEVEL = "training.planned", "case_meeting.planned", "expert_level.given"
BELOW_LEVEL = "expert_level.missing"

_NUMBER = Variable("number", _("Ticket or contact"), "TS20261122000123")
_SCORE = Variable("score", _("Score"), "86.50")
_DUE = Variable("until", _("Appeal until"), kind="moment")
_COUNT = Variable("count", _("How many"), "5")
_NAME = Variable("name", _("Name"), "…")
_WORDS = Variable("words", _("What was said"), "…")

_TEXTS = (
    (
        RESULT, _("Your work was inspected"), (_NUMBER, _SCORE, _DUE),
        ("质检结果：{number}", "您的工作（{number}）已质检，得分 {score}。请查看并确认；如有异议，请在 {until} 前申诉。{link}"),
        ("Inspected: {number}", "Your work on {number} was inspected: {score} points. Please read and acknowledge it; you may appeal until {until}. {link}"),
    ),
    (
        HANDED_OUT, _("Inspections were handed to you"), (_COUNT, _NAME),
        ("质检任务：{name}", "抽检方案“{name}”分给您 {count} 件待评分。{link}"),
        ("To be scored: {name}", "The sampling plan {name} handed you {count} inspections to score. {link}"),
    ),
    (
        ARBITRATION, _("An inspection waits for arbitration"), (_NUMBER,),
        ("质检待仲裁：{number}", "{number} 的两份评分差异超过容许范围，请仲裁。{link}"),
        ("To be arbitrated: {number}", "The two scores of {number} differ by more than is allowed. {link}"),
    ),
    (
        APPEALED, _("Somebody appeals against an inspection"), (_NUMBER, _WORDS),
        ("质检申诉：{number}", "{by} 对 {number} 的质检结果提出申诉：{words} 请由另一人重新评分。{link}"),
        ("Appeal: {number}", "{by} appeals against the inspection of {number}: {words} Somebody else scores it again. {link}"),
    ),
    (
        RESCORED, _("Your appeal against an inspection was decided"), (_NUMBER, _SCORE),
        ("质检复评结果：{number}", "您对 {number} 质检结果的申诉已复评，得分 {score}。{link}"),
        ("Scored again: {number}", "After your appeal {number} was scored again: {score} points. {link}"),
    ),
    (
        TRAINING, _("Training was planned for you"), (_NAME, Variable("until", _("Until"), "2026-12-01")),
        ("培训安排：{name}", "为您安排了培训“{name}”，请在 {until} 前完成。{link}"),
        ("Training: {name}", "Training was planned for you: {name}, until {until}. {link}"),
    ),
    (
        MEETING, _("You are asked to a case meeting"), (_NAME, Variable("at", _("Date and time"), kind="moment")),
        ("案例会：{name}", "请参加案例会“{name}”，时间 {at}。{link}"),
        ("Case meeting: {name}", "You are asked to the case meeting {name} at {at}. {link}"),
    ),
    (
        BELOW_LEVEL, _("You took work above your expert level"), (_NUMBER, _NAME),
        ("专家等级提醒：{number}", "工单 {number} 建议由“{name}”及以上等级处理，您的等级尚未达到，请谨慎处理或请教专家。{link}"),
        ("Expert level: {number}", "{number} asks for the expert level {name}, which you do not have yet: take care, or ask an expert. {link}"),
    ),
    (
        LEVEL, _("Your expert level has changed"), (_NAME, _WORDS),
        ("专家等级：{name}", "您的专家等级现为“{name}”。{words}{link}"),
        ("Expert level: {name}", "Your expert level is now {name}. {words} {link}"),
    ),
)  # fmt: skip


def register() -> None:
    """Called when the house starts."""
    for name, label, variables, zh, en in _TEXTS:
        register_event(Event(name, label, "quality", variables, {"zh-hans": zh, "en": en}))


def tell_handed_out(draw: SamplingDraw, person_id: int | None, count: int) -> None:
    """An inspector hears how much a draw gave him. Part of the draw's write."""
    if person_id:
        notify(
            HANDED_OUT, [person_id], key=f"{HANDED_OUT}/{draw.pk}", facts={"count": count, "name": draw.plan.name},
            subject=("sampling_plan", draw.plan_id), url=reverse("scoring-list"), by=None,
        )  # fmt: skip


def tell_result(inspection: Inspection, *, is_new: bool, by: User | None) -> None:
    """The person inspected hears the score. Part of the write that gives it."""
    if inspection.person_id is None or inspection.appeal_due_at is None:
        return
    event = RESULT if is_new else RESCORED
    facts = {"number": inspection.subject_number, "score": str(inspection.score)}
    notify(
        event, [inspection.person_id], key=f"{event}/{inspection.pk}",
        facts=facts | ({"until": inspection.appeal_due_at} if is_new else {}),
        subject=("inspection", inspection.pk), url=inspection.get_absolute_url(), by=by,
    )  # fmt: skip


def tell_arbiters(scoring: Scoring, people: list[int], *, words: str, by: User | None) -> None:
    """Those who may arbitrate hear that somebody has to. Part of the write that asks for it."""
    inspection = scoring.inspection
    event = ARBITRATION if scoring.part == "arbitration" else APPEALED
    facts = {"number": inspection.subject_number} | ({} if event == ARBITRATION else {"words": words[:300]})
    notify(
        event, people, key=f"{event}/{inspection.pk}", facts=facts,
        subject=("inspection", inspection.pk), url=inspection.get_absolute_url(), by=by,
    )  # fmt: skip
