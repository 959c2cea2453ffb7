"""What waits for the commit is done once, survives a savepoint rolled back, and harms nobody when it fails."""

import pytest
from django.db import transaction

from onepoint.core.after_commit import once_committed


@pytest.mark.django_db(transaction=True)
def test_it_is_done_once_and_after_the_commit() -> None:
    done: list[str] = []
    with transaction.atomic():
        for _time in range(3):
            once_committed("a", lambda: done.append("a"))
        once_committed("b", lambda: done.append("b"))
        assert done == []
    assert done == ["a", "b"]


@pytest.mark.django_db(transaction=True)
def test_what_an_inner_block_asked_for_goes_with_it_and_what_the_outer_asked_for_stays() -> None:
    done: list[str] = []
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            once_committed("a", lambda: done.append("inner"))
            raise ZeroDivisionError
        once_committed("a", lambda: done.append("outer"))
    assert done == ["outer"]


@pytest.mark.django_db(transaction=True)
def test_a_failure_after_the_commit_is_logged_by_name_and_goes_no_further(caplog: pytest.LogCaptureFixture) -> None:
    with transaction.atomic():
        once_committed("the.job", lambda: 1 // 0)
    assert "the.job" in caplog.text
