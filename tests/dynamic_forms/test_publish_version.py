"""A form's versions: begun, changed, published, fixed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from dynamic_forms.form_building import REFUND, one, published
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry
from onepoint.dynamic_forms import queries, services
from onepoint.dynamic_forms.models import FormVersion
from onepoint.dynamic_forms.policies import DraftAlreadyOpen, SchemaNotReady, VersionIsFixed
from onepoint.dynamic_forms.signals import form_published
from onepoint.dynamic_forms.states import FormStatus

pytestmark = pytest.mark.django_db


def last_verb() -> str:
    return AuditEntry.objects.order_by("-id").values_list("verb", flat=True)[0]


def test_publishing_brings_a_version_into_force_and_retires_the_one_before(cast: Any) -> None:
    first = published(cast.admin)
    assert queries.current_version("refund") == first
    second = services.draft_version(first.definition, by=cast.admin)
    assert (second.number, second.schema) == (2, REFUND)
    assert queries.current_version("refund") == first
    services.publish_version(second, by=cast.admin)
    first.refresh_from_db()
    assert (first.status, queries.current_version("refund")) == (FormStatus.RETIRED, second)
    assert last_verb() == "form.published"


def test_publishing_is_announced(cast: Any) -> None:
    heard: list[FormVersion] = []

    def listen(version: FormVersion, **_: Any) -> None:
        heard.append(version)

    form_published.connect(listen)
    try:
        version = published(cast.admin)
    finally:
        form_published.disconnect(listen)
    assert heard == [version]


def test_a_version_with_problems_is_not_published(cast: Any) -> None:
    form = services.create_form(key="broken", name="坏", by=cast.admin)
    draft = services.draft_version(form, schema=one("choice"), by=cast.admin)
    with pytest.raises(SchemaNotReady) as refusal:
        services.publish_version(draft, by=cast.admin)
    assert refusal.value.problems
    assert queries.current_version("broken") is None


def test_a_published_version_is_neither_changed_nor_discarded_nor_published_again(cast: Any) -> None:
    version = published(cast.admin)
    for act in (
        lambda: services.change_draft(version, schema=one("text"), by=cast.admin),
        lambda: services.discard_draft(version, by=cast.admin),
        lambda: services.publish_version(version, by=cast.admin),
    ):
        with pytest.raises(VersionIsFixed):
            act()


@pytest.mark.parametrize(
    "change",
    [{"schema": {"fields": []}}, {"number": 9}, {"status": "draft", "published_at": None}],
    ids=["schema", "number", "status"],
)
def test_the_database_itself_keeps_a_published_version_as_it_is(change: dict[str, Any]) -> None:
    version = published()
    with pytest.raises(DatabaseError, match="published version"), transaction.atomic():
        FormVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="published version"), transaction.atomic():
        FormVersion.objects.filter(pk=version.pk).delete()


def test_the_database_allows_one_draft_and_one_version_in_force(cast: Any) -> None:
    version = published(cast.admin)
    facts = {"definition": version.definition, "changed_at": clock.now(), "schema": REFUND}
    with pytest.raises(IntegrityError), transaction.atomic():
        FormVersion.objects.create(number=2, status=FormStatus.PUBLISHED, published_at=clock.now(), **facts)
    FormVersion.objects.create(number=2, **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        FormVersion.objects.create(number=3, **facts)


def test_a_second_draft_is_refused(cast: Any) -> None:
    version = published(cast.admin)
    services.draft_version(version.definition, by=cast.admin)
    with pytest.raises(DraftAlreadyOpen):
        services.draft_version(version.definition, by=cast.admin)


def test_a_draft_is_changed_and_journaled_and_may_be_unfinished(cast: Any) -> None:
    form = services.create_form(key="repair", name="报修", by=cast.admin)
    draft = services.draft_version(form, by=cast.admin)
    changed = services.change_draft(draft, schema=one("choice"), by=cast.admin)
    assert changed.schema == one("choice")
    assert last_verb() == "form.draft_changed"


def test_whoever_began_from_an_older_draft_is_told_so(cast: Any) -> None:
    form = services.create_form(key="repair", name="报修", by=cast.admin)
    draft = services.draft_version(form, by=cast.admin)
    began_at = draft.changed_at.isoformat()
    with clock.at(draft.changed_at + timedelta(minutes=1)):
        services.change_draft(draft, schema=one("text"), by=cast.admin, expected=began_at)
    with pytest.raises(SomebodyWasFaster):
        services.change_draft(draft, schema=one("integer"), by=cast.admin, expected=began_at)


def test_a_discarded_draft_is_gone_and_its_number_is_used_again(cast: Any) -> None:
    version = published(cast.admin)
    draft = services.draft_version(version.definition, by=cast.admin)
    services.discard_draft(draft, by=cast.admin)
    assert last_verb() == "form.draft_discarded"
    assert services.draft_version(version.definition, by=cast.admin).number == 2


@pytest.mark.parametrize("key", ["", "Ab", "1a", "费用", "a" * 41, "refund"])
def test_a_bad_or_used_key_is_refused(cast: Any, key: str) -> None:
    services.create_form(key="refund", name="一", by=cast.admin)
    with pytest.raises(InvalidInput):
        services.create_form(key=key, name="二", by=cast.admin)


def test_a_form_is_renamed(cast: Any) -> None:
    form = services.create_form(key="refund", name="一", by=cast.admin)
    services.rename_form(form, name="费用", name_en="Charges", by=cast.admin)
    form.refresh_from_db()
    assert (form.name, form.name_en, last_verb()) == ("费用", "Charges", "form.changed")
    with pytest.raises(InvalidInput):
        services.rename_form(form, name=" ", by=cast.admin)


@pytest.mark.parametrize(
    "act",
    [
        lambda version, by: services.create_form(key="other", name="另", by=by),
        lambda version, by: services.rename_form(version.definition, name="另", by=by),
        lambda version, by: services.draft_version(version.definition, by=by),
        lambda version, by: services.change_draft(version, schema=REFUND, by=by),
        lambda version, by: services.discard_draft(version, by=by),
        lambda version, by: services.publish_version(version, by=by),
    ],
    ids=["create", "rename", "draft", "change", "discard", "publish"],
)
def test_every_write_needs_the_permission(cast: Any, act: Callable[..., Any]) -> None:
    version = published(cast.admin)
    with pytest.raises(NotPermitted):
        act(version, cast.agent)
    assert queries.find_form("other") is None
