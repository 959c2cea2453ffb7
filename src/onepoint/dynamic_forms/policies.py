"""Who may design forms, and when a version may be changed or published."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError
from onepoint.dynamic_forms.models import FormDefinition, FormVersion
from onepoint.dynamic_forms.states import FormStatus


class DraftAlreadyOpen(BusinessError):
    """A form has one draft at a time."""

    code = "draft_already_open"
    message = _("This form already has a draft. Change or discard that one.")


class VersionIsFixed(BusinessError):
    """What was published does not change, because tickets were filled in with it."""

    code = "version_is_fixed"
    message = _("A published version does not change. Begin a new version instead.")


class SchemaNotReady(BusinessError):
    """The schema has problems; ``problems`` lists them."""

    code = "schema_not_ready"
    message = _("The form cannot be published yet: %(first)s")
    status = 422

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(first=problems[0] if problems else "", problems=problems)


def why_not_manage_forms(by: User | None) -> BusinessError | None:
    """Needs ``form.manage``."""
    return why_not_permitted("form.manage", by)


def why_not_draft(form: FormDefinition, by: User | None) -> BusinessError | None:
    """Refused while the form has a draft."""
    if refusal := why_not_manage_forms(by):
        return refusal
    return DraftAlreadyOpen() if form.versions.filter(status=FormStatus.DRAFT).exists() else None


def why_not_change_version(version: FormVersion, by: User | None) -> BusinessError | None:
    """Only a draft may be changed, discarded or published."""
    if refusal := why_not_manage_forms(by):
        return refusal
    return None if version.status == FormStatus.DRAFT else VersionIsFixed()


def why_not_publish(version: FormVersion, problems: list[str], by: User | None) -> BusinessError | None:
    """``problems`` are what ``schema.schema_problems`` found."""
    if refusal := why_not_change_version(version, by):
        return refusal
    return SchemaNotReady(problems) if problems else None
