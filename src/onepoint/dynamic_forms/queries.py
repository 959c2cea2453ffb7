"""Reads of forms."""

from django.db.models import Count, Prefetch, QuerySet

from onepoint.accounts.models import Region
from onepoint.dynamic_forms.models import FormDefinition, FormVersion
from onepoint.dynamic_forms.states import FormStatus


def current_version(key: str) -> FormVersion | None:
    """The version in force of the form with this key, with its definition; None where nothing was published."""
    found = FormVersion.objects.filter(definition__key=key, status=FormStatus.PUBLISHED)
    return found.select_related("definition").first()


def find_version(version_id: int) -> FormVersion | None:
    return FormVersion.objects.filter(pk=version_id).select_related("definition").first()


def find_version_by_number(key: str, number: int) -> FormVersion | None:
    found = FormVersion.objects.filter(definition__key=key, number=number)
    return found.select_related("definition").first()


def find_form(key: str) -> FormDefinition | None:
    """The form with its versions read along, newest first."""
    versions = Prefetch("versions", FormVersion.objects.order_by("-number"))
    return FormDefinition.objects.filter(key=key).prefetch_related(versions).first()


def forms_with_versions() -> QuerySet[FormDefinition]:
    """All forms with ``version_count`` and, on ``live_versions``, the version in force and the draft."""
    live = FormVersion.objects.exclude(status=FormStatus.RETIRED).order_by("-number")
    return FormDefinition.objects.annotate(version_count=Count("versions")).prefetch_related(
        Prefetch("versions", live, to_attr="live_versions")
    )


def current_forms() -> list[tuple[str, str]]:
    """Key and label of every form that has a version in force, to choose from."""
    found = FormDefinition.objects.filter(versions__status=FormStatus.PUBLISHED).order_by("key")
    return [(form.key, form.label) for form in found]


def is_region_in_use(code: str) -> bool:
    return Region.objects.active().filter(code=code).exists()


def regions_in_use() -> list[tuple[str, str]]:
    """Code and label of every region in use, parents before their children."""
    return [(region.code, region.label) for region in Region.objects.active().order_by("path")]


def region_labels(codes: set[str]) -> dict[str, str]:
    return {region.code: region.label for region in Region.objects.filter(code__in=codes)} if codes else {}
