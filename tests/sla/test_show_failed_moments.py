"""The list of due moments that failed, and what a person may do with them."""

from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.core import clock
from onepoint.sla.models import DueMoment


def test_an_administrator_has_failed_moments_tried_again_or_gives_them_up(
    cast: Cast, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    role = Role.objects.get(code="admin")
    role.permissions += ["moment.manage"]
    role.save()
    again, never = (
        DueMoment.objects.create(
            kind="test.gone", key=f"k{n}", subject_type="ticket", subject_id=n, due_at=clock.now(), status="parked",
            attempts=3, last_error="UnknownKind: test.gone", settled_at=clock.now(),
        )
        for n in (1, 2)
    )  # fmt: skip
    client = client_of(cast.admin)
    client.get("/moments/")
    with django_assert_max_num_queries(12):
        assert "UnknownKind" in client.get("/moments/").content.decode()
    assert client.post(f"/moments/{again.pk}/retry/").status_code == 302
    assert client.post(f"/moments/{never.pk}/skip/").status_code == 302
    assert client.post(f"/moments/{never.pk}/skip/").status_code == 404
    found = dict(DueMoment.objects.values_list("key", "status"))
    assert found == {"k1": "waiting", "k2": "cancelled"}
    assert client_of(cast.agent).get("/moments/").status_code == 403


@pytest.mark.django_db
def test_nothing_is_shown_to_strangers(client: Any) -> None:
    assert client.get("/moments/").status_code == 302
