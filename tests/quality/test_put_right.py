"""Rectifications: asked for after marks, handed in with proof, accepted or owed again."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.notifications.models import Notification
from onepoint.quality import refusals, services
from onepoint.quality.models import Mark, Rectification
from onepoint.quality.queries.rectifications import files_of, rectifications_to_do
from onepoint.quality.services import NewRectification
from onepoint.quality.services.handing_over import hand_over_rectification, rectifications_held_by
from onepoint.quality.states import RectificationState
from onepoint.sla.moments import fire_due
from quality.conftest import verbs_of

S = RectificationState


@pytest.fixture
def owed(mark_record: Callable[..., Mark], judges: Cast) -> Rectification:
    return ask(judges, marks=[mark_record()])


def ask(judges: Cast, **more: object) -> Rectification:
    items = {"title": "补写诉求要点", "owner": judges.agent, "due_at": clock.now() + timedelta(days=3), **more}
    return services.ask_rectification(NewRectification(**items), by=judges.supervisor)  # type: ignore[arg-type]


def heard(person: object, event: str) -> int:
    return Notification.objects.filter(person=person, event=event).count()


def test_it_is_asked_for_once_and_the_owner_is_told(owed: Rectification, judges: Cast) -> None:
    assert owed.number.startswith("ZG")
    assert (owed.unit, owed.state, owed.marks.count()) == (judges.call_centre, S.ASKED, 1)
    assert (heard(judges.agent, "rectification.asked"), verbs_of("rectification", owed.pk)) == (
        1,
        ["rectification.asked"],
    )
    key = uuid4()
    assert ask(judges, key=key) == ask(judges, key=key)
    assert rectifications_to_do(judges.agent) == (2, 0)


def test_what_cannot_be_asked(judges: Cast, mark_record: Callable[..., Mark]) -> None:
    withdrawn = services.withdraw_mark(mark_record(by=judges.supervisor), reason="看错了", by=judges.supervisor)
    for more in ({"title": " "}, {"due_at": clock.now()}, {"owner": judges.supervisor}, {"marks": [withdrawn]}):
        with pytest.raises(InvalidInput):
            ask(judges, **more)
    new = NewRectification(title="x", owner=judges.agent, due_at=clock.now() + timedelta(days=1))
    with pytest.raises(NotPermitted):
        services.ask_rectification(new, by=judges.handler)


def test_proof_is_handed_in_rejected_handed_in_again_and_accepted(owed: Rectification, judges: Cast) -> None:
    with pytest.raises(refusals.NotYourRectification):
        services.hand_in_rectification(owed, proof="我替他", by=judges.second_agent)
    with pytest.raises(InvalidInput):
        services.hand_in_rectification(owed, proof="", by=judges.agent)
    with pytest.raises(refusals.RectificationStateForbids):
        services.accept_rectification(owed, by=judges.supervisor)
    proof = SimpleUploadedFile("proof.txt", "已补录".encode(), "text/plain")
    owed = services.hand_in_rectification(owed, proof="已补写", files=[proof], by=judges.agent)
    assert (owed.state, len(files_of(owed)), rectifications_to_do(judges.supervisor)) == (S.SUBMITTED, 1, (0, 1))
    with pytest.raises(refusals.NotYoursToAccept):
        services.accept_rectification(owed, by=judges.agent)
    again = clock.now() + timedelta(days=2)
    with pytest.raises(InvalidInput):
        services.reject_rectification(owed, words="", due_at=again, by=judges.supervisor)
    owed = services.reject_rectification(owed, words="还缺时间", due_at=again, by=judges.supervisor)
    assert (owed.state, owed.rejected_count, owed.due_at) == (S.ASKED, 1, again)
    owed = services.hand_in_rectification(owed, proof="已补时间", by=judges.agent)
    owed = services.accept_rectification(owed, words="好", by=judges.supervisor)
    assert owed.state == S.ACCEPTED
    assert (heard(judges.supervisor, "rectification.submitted"), heard(judges.agent, "rectification.decided")) == (2, 2)
    assert verbs_of("rectification", owed.pk) == [
        f"rectification.{verb}" for verb in ("asked", "submitted", "rejected", "submitted", "accepted")
    ]


def test_a_word_comes_a_day_ahead_and_when_it_is_late(owed: Rectification, judges: Cast) -> None:
    with clock.at(owed.due_at - timedelta(hours=23)):
        fire_due()
    assert (heard(judges.agent, "rectification.due"), heard(judges.supervisor, "rectification.due")) == (1, 0)
    with clock.at(owed.due_at + timedelta(minutes=1)):
        fire_due()
    assert (heard(judges.agent, "rectification.due"), heard(judges.supervisor, "rectification.due")) == (2, 1)


def test_what_is_not_asked_for_any_more_reminds_nobody(owed: Rectification, judges: Cast) -> None:
    services.cancel_rectification(owed, words="判定已说明", by=judges.supervisor)
    with clock.at(owed.due_at + timedelta(minutes=1)):
        fire_due()
    assert heard(judges.agent, "rectification.due") == 0


def test_what_somebody_owes_goes_to_who_takes_over(owed: Rectification, judges: Cast) -> None:
    assert list(rectifications_held_by(judges.agent)) == [owed]
    hand_over_rectification(owed.pk, judges.agent, judges.second_agent, judges.admin)
    owed.refresh_from_db()
    assert owed.owner == judges.second_agent
    hand_over_rectification(owed.pk, judges.supervisor, judges.second_agent, judges.admin)
    owed.refresh_from_db()
    assert owed.asked_by == judges.supervisor  # nobody accepts his own work
    assert verbs_of("rectification", owed.pk)[-1] == "rectification.handed_over"


def test_the_pages_let_only_those_concerned_in(
    owed: Rectification, judges: Cast, client_of, django_assert_max_num_queries
) -> None:
    mark = owed.marks.get()
    asker, owner = client_of(judges.supervisor), client_of(judges.agent)
    page = asker.get(f"/rectifications/new/?mark={mark.number}")
    assert page.status_code == 200
    form = {"title": "整改", "owner": judges.agent.pk, "due_at": "2099-01-05T10:00", "marks": [mark.pk]}
    assert asker.post(f"/rectifications/new/?mark={mark.number}", form | {"title": ""}).status_code == 422
    assert asker.post(f"/rectifications/new/?mark={mark.number}", form).status_code == 302
    assert owner.get("/rectifications/new/").status_code == 403
    address = f"/rectifications/{owed.number}/"
    assert [
        client_of(one).get(address).status_code for one in (judges.agent, judges.second_agent, judges.outsider)
    ] == [200, 404, 404]
    with django_assert_max_num_queries(16):
        listed = owner.get("/rectifications/").content.decode()
    assert owed.number in listed
    waiting = "/rectifications/waiting/"
    assert "<strong>2</strong>" in owner.get(waiting).content.decode()
    assert client_of(judges.second_agent).get(waiting).content == b""
    assert owner.post(f"{address}hand-in/", {"proof": ""}).status_code == 422
    assert owner.post(f"{address}hand-in/", {"proof": "已补写"}).status_code == 302
    assert asker.post(f"{address}decide/", {"verb": "reject", "words": ""}).status_code == 422
    assert asker.post(f"{address}decide/", {"verb": "accept", "words": ""}).status_code == 302
    assert owner.post(f"{address}decide/", {"verb": "accept"}).status_code == 403
