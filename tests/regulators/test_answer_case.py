"""Answering the authority, warnings before, and how it closed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import Attachment, AuditEntry
from onepoint.notifications.models import Notification
from onepoint.regulators import policies, services
from onepoint.regulators.models import RegulatorCase
from onepoint.sla.models import Clock
from onepoint.sla.moments import fire_due
from onepoint.tickets.models import Ticket


def test_the_answer_ends_the_clock_and_stands_on_the_ticket(
    hand_over: Callable[..., RegulatorCase], ticket: Ticket, cast: Cast
) -> None:
    case = hand_over(ticket=ticket)
    letter = SimpleUploadedFile("复函.txt", "内容".encode())
    services.answer_case(
        case, document_number="鄂电复〔2026〕8号", text="已修复并补偿", files=[letter], by=cast.coordinator
    )
    case.refresh_from_db()
    assert (case.state, case.document_number, case.answered_by) == ("answered", "鄂电复〔2026〕8号", cast.coordinator)
    assert not case.is_late
    assert Clock.objects.get(subject_type="regulator_case").state == "settled"
    assert Attachment.objects.filter(subject_type="regulator_case", subject_id=case.pk).count() == 1
    assert AuditEntry.objects.filter(verb="ticket.regulator_answered", subject_id=ticket.pk).count() == 1


def test_an_answer_needs_document_and_text_and_comes_once(hand_over: Callable[..., RegulatorCase], cast: Cast) -> None:
    case = hand_over()
    with pytest.raises(InvalidInput) as refusal:
        services.answer_case(case, document_number=" ", text="", by=cast.coordinator)
    assert set(refusal.value.errors) == {"document_number", "text"}
    services.answer_case(case, document_number="1", text="已处理", by=cast.coordinator)
    with pytest.raises(policies.CaseStateForbids):
        services.answer_case(case, document_number="2", text="已处理", by=cast.coordinator)


def test_answering_needs_its_permission_in_the_cases_place(hand_over: Callable[..., RegulatorCase], cast: Cast) -> None:
    case = hand_over()
    for person in (cast.agent, cast.outsider):
        with pytest.raises(NotPermitted):
            services.answer_case(case, document_number="1", text="x", by=person)


def test_whoever_answers_is_warned_early_and_told_when_it_is_late(
    hand_over: Callable[..., RegulatorCase], ticket: Ticket, cast: Cast
) -> None:
    case = hand_over(ticket=ticket)
    for days in (6, 9, 10, 11):
        later = case.received_at + timedelta(days=days)
        with clock.at(later):
            fire_due(later)
    warned = Notification.objects.filter(event="regulator_case.at_risk", person=cast.coordinator)
    assert warned.count() == 3
    late = Notification.objects.filter(event="regulator_case.late").values_list("person", flat=True)
    assert set(late) >= {cast.coordinator.pk, cast.agent.pk}


def test_an_answered_case_warns_nobody(hand_over: Callable[..., RegulatorCase], cast: Cast) -> None:
    case = hand_over()
    services.answer_case(case, document_number="1", text="已处理", by=cast.coordinator)
    later = case.received_at + timedelta(days=11)
    with clock.at(later):
        fire_due(later)
    assert not Notification.objects.filter(event__startswith="regulator_case.").exists()


def test_the_authority_closes_after_the_answer_or_takes_it_back_before(
    hand_over: Callable[..., RegulatorCase], cast: Cast
) -> None:
    case = hand_over()
    with pytest.raises(policies.CaseStateForbids):
        services.close_case(case, result="upheld", by=cast.coordinator)
    with pytest.raises(InvalidInput):
        services.close_case(case, result="whatever", by=cast.coordinator)
    services.answer_case(case, document_number="1", text="已处理", by=cast.coordinator)
    services.close_case(case, result="mediated", words="双方和解", by=cast.coordinator)
    case.refresh_from_db()
    assert (case.state, case.result, case.result_words) == ("closed", "mediated", "双方和解")
    other = hand_over("另一号")
    services.close_case(other, result="taken_back", by=cast.coordinator)
    assert Clock.objects.get(subject_type="regulator_case", subject_id=other.pk).state == "cancelled"
