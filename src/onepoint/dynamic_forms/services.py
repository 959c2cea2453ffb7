"""Every write of forms."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.dynamic_forms import policies, signals
from onepoint.dynamic_forms.models import FormDefinition, FormVersion
from onepoint.dynamic_forms.schema import schema_problems, stored_schema
from onepoint.dynamic_forms.states import TRANSITIONS

_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")


def _journal(verb: str, form: FormDefinition, by: User | None, **facts: Any) -> None:
    audit.record(verb, by=by, subject_type="form", subject_id=form.pk, key=form.key, **facts)


@transaction.atomic
def create_form(*, key: str, name: str, name_en: str = "", by: User | None) -> FormDefinition:
    """A new form without versions. Raises NotPermitted, InvalidInput for a bad or used key or an empty name."""
    require(policies.why_not_manage_forms(by))
    errors = {}
    if not _KEY.fullmatch(key):
        errors["key"] = _("A key begins with a small letter and holds small letters, digits and _ only.")
    elif FormDefinition.objects.filter(key=key).exists():
        errors["key"] = _("This key is already used.")
    if not clean(name):
        errors["name"] = _("Please fill this in.")
    if errors:
        raise InvalidInput(errors)
    form = FormDefinition.objects.create(key=key, name=clean(name), name_en=clean(name_en), created_at=clock.now())
    _journal("form.created", form, by, name=form.name)
    return form


@transaction.atomic
def rename_form(form: FormDefinition, *, name: str, name_en: str = "", by: User | None) -> FormDefinition:
    """Change what the form is called; its key stays. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage_forms(by))
    if not clean(name):
        raise InvalidInput({"name": _("Please fill this in.")})
    before = [form.name, form.name_en]
    form.name, form.name_en = clean(name), clean(name_en)
    if before != [form.name, form.name_en]:
        form.save(update_fields=["name", "name_en"])
        _journal("form.changed", form, by, before=before, after=[form.name, form.name_en])
    return form


@transaction.atomic
def draft_version(form: FormDefinition, *, schema: Mapping[str, Any] | None = None, by: User | None) -> FormVersion:
    """Begin the next version, from ``schema`` or as a copy of the newest. Raises DraftAlreadyOpen, NotPermitted."""
    FormDefinition.objects.select_for_update().get(pk=form.pk)
    require(policies.why_not_draft(form, by))
    newest = form.versions.order_by("-number").first()
    if schema is None:
        schema = newest.schema if newest else {"fields": []}
    version = FormVersion.objects.create(
        definition=form,
        number=newest.number + 1 if newest else 1,
        schema=stored_schema(schema),
        changed_at=clock.now(),
    )
    _journal("form.drafted", form, by, version=version.number)
    return version


@transaction.atomic
def change_draft(
    version: FormVersion, *, schema: Mapping[str, Any], by: User | None, expected: str | None = None
) -> FormVersion:
    """Replace the draft's schema; it may be unfinished, only publishing asks for more.

    ``expected`` is the ``changed_at`` (ISO) the writer began from. Raises SomebodyWasFaster when it has moved on,
    VersionIsFixed, NotPermitted.
    """
    current = FormVersion.objects.select_for_update().select_related("definition").get(pk=version.pk)
    require(policies.why_not_change_version(current, by))
    if expected is not None and current.changed_at.isoformat() != expected:
        raise SomebodyWasFaster()
    schema = stored_schema(schema)
    if schema != current.schema:
        current.schema, current.changed_at = schema, clock.now()
        current.save(update_fields=["schema", "changed_at"])
        _journal("form.draft_changed", current.definition, by, version=current.number, fields=len(current.fields))
    return current


@transaction.atomic
def discard_draft(version: FormVersion, *, by: User | None) -> None:
    """Throw the draft away. Raises VersionIsFixed, NotPermitted."""
    current = FormVersion.objects.select_for_update().select_related("definition").get(pk=version.pk)
    require(policies.why_not_change_version(current, by))
    number, form = current.number, current.definition
    current.delete()
    _journal("form.draft_discarded", form, by, version=number)


@transaction.atomic
def publish_version(version: FormVersion, *, by: User | None) -> FormVersion:
    """Bring the draft into force and retire the version before it; announces ``form_published``.

    Raises SchemaNotReady with what is wrong, VersionIsFixed, NotPermitted.
    """
    form = FormDefinition.objects.select_for_update().get(pk=version.definition_id)
    current = FormVersion.objects.select_for_update().get(pk=version.pk)
    require(policies.why_not_publish(current, schema_problems(current.schema), by))
    retired_from, retired_to = TRANSITIONS["retire"]
    form.versions.filter(status=retired_from).update(status=retired_to)
    published_from, published_to = TRANSITIONS["publish"]
    moved = form.versions.filter(pk=current.pk, status=published_from).update(
        status=published_to, published_at=clock.now()
    )
    if not moved:
        raise SomebodyWasFaster()
    current.refresh_from_db()
    _journal("form.published", form, by, version=current.number, fields=len(current.fields))
    signals.form_published.send(sender=FormVersion, version=current)
    return current
