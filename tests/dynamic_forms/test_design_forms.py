"""The designer's pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dynamic_forms.form_building import REFUND, one, published
from onepoint.dynamic_forms import queries, services
from onepoint.dynamic_forms.models import FormDefinition
from onepoint.dynamic_forms.states import FormStatus

pytestmark = pytest.mark.django_db
Login = Callable[[Any], Client]


@pytest.fixture
def admin(cast: Any, client_of: Login) -> Client:
    return client_of(cast.admin)


def editor_data(page: Any, **changes: str) -> dict[str, str]:
    """The rendered editor as a browser would send it."""
    data = {"began-at": page.context["began_at"], "row-count": str(len(page.context["rows"]))}
    for row in page.context["rows"]:
        for name in row.fields:
            value = row[name].value()
            if value is not None and value is not False:
                data[row.add_prefix(name)] = str(value)
    return {**data, **changes}


def test_a_form_is_created_drafted_edited_tried_and_published(admin: Client) -> None:
    assert admin.get("/forms/new/").status_code == 200
    admin.post("/forms/new/", {"key": "repair", "name": "报修", "name_en": "Repair"})
    admin.post("/forms/repair/draft/")
    edit = "/forms/repair/versions/1/edit/"
    page = admin.post(edit, editor_data(admin.get(edit), action="add"))
    assert len(page.context["rows"]) == 1
    assert queries.find_version_by_number("repair", 1).schema == {"fields": []}
    typed = {"row-0-label": "故障", "row-0-key": "fault", "row-0-type": "choice"}
    page = admin.post(edit, editor_data(page, **typed))
    assert "choices" in page.context["rows"][0].fields
    data = editor_data(page, **{"row-0-choices": "dead | 不通 | Dead\nslow | 慢", "action": "save"})
    assert admin.post(edit, data).status_code == 302
    trial = admin.post("/forms/repair/versions/1/", {"items-fault": "slow"})
    assert trial.context["accepted"] == [("故障", "慢")]
    assert admin.post("/forms/repair/versions/1/publish/").status_code == 302
    assert queries.current_version("repair").fields == [
        {
            "key": "fault",
            "label": "故障",
            "type": "choice",
            "choices": [{"value": "dead", "label": "不通", "label_en": "Dead"}, {"value": "slow", "label": "慢"}],
        }
    ]


def test_trying_out_shows_errors_beside_the_fields_and_stores_nothing(cast: Any, admin: Client) -> None:
    published(cast.admin)
    page = admin.post("/forms/refund/versions/1/", {"items-number": "x", "items-wants": "refund"})
    assert page.status_code == 422
    assert set(page.context["trial"].errors) == {"number"}
    assert page.context["accepted"] is None


def test_saving_an_editor_page_unchanged_changes_nothing(cast: Any, admin: Client) -> None:
    everything = {
        "fields": [*REFUND["fields"], {"key": "d", "label": "数", "type": "decimal", "min": "1.5", "default": "2"}]
    }
    version = published(cast.admin, everything)
    services.draft_version(version.definition, by=cast.admin)
    edit = "/forms/refund/versions/2/edit/"
    admin.post(edit, editor_data(admin.get(edit), action="save"))
    saved = queries.find_version_by_number("refund", 2).schema["fields"]
    assert [{**f, **{k: str(f[k]) for k in ("min", "max") if k in f}} for f in everything["fields"]] == saved


def test_rows_are_moved_and_removed_without_writing(cast: Any, admin: Client) -> None:
    version = published(cast.admin)
    services.draft_version(version.definition, by=cast.admin)
    edit = "/forms/refund/versions/2/edit/"
    page = admin.post(edit, editor_data(admin.get(edit), action="down-0"))
    assert [row["key"].value() for row in page.context["rows"]] == ["wants", "number", "amount", "account"]
    page = admin.post(edit, editor_data(page, action="remove-2"))
    assert [row["key"].value() for row in page.context["rows"]] == ["wants", "number", "account"]
    assert queries.find_version_by_number("refund", 2).schema == REFUND


def test_a_draft_with_problems_is_saved_and_its_problems_are_listed(cast: Any, admin: Client) -> None:
    form = services.create_form(key="repair", name="报修", by=cast.admin)
    services.draft_version(form, schema=one("text"), by=cast.admin)
    edit = "/forms/repair/versions/1/edit/"
    data = editor_data(admin.get(edit), action="publish", **{"row-0-visible_if": "1 +"})
    page = admin.post(edit, data, follow=True)
    assert len(page.context["problems"]) == 1
    version = queries.find_version_by_number("repair", 1)
    assert (version.status, version.fields[0]["visible_if"]) == (FormStatus.DRAFT, "1 +")
    assert admin.get("/forms/repair/versions/1/").context["trial"] is None


@pytest.mark.parametrize("help_text", ["字" * 300_000, "a\0b", "\\\0"])
def test_what_cannot_be_kept_is_refused_and_stays_on_the_screen(cast: Any, admin: Client, help_text: str) -> None:
    version = published(cast.admin)
    services.draft_version(version.definition, by=cast.admin)
    edit = "/forms/refund/versions/2/edit/"
    data = editor_data(admin.get(edit), action="save") | {"row-0-label": "新名称", "row-0-help": help_text}
    page = admin.post(edit, data)
    assert (page.status_code, page.context["rows"][0]["label"].value()) == (422, "新名称")
    assert queries.find_version_by_number("refund", 2).schema == REFUND


def test_save_and_publish_does_both(cast: Any, admin: Client) -> None:
    form = services.create_form(key="repair", name="报修", by=cast.admin)
    services.draft_version(form, schema=one("text"), by=cast.admin)
    edit = "/forms/repair/versions/1/edit/"
    admin.post(edit, editor_data(admin.get(edit), action="publish", **{"row-0-label": "新"}))
    assert queries.current_version("repair").fields[0]["label"] == "新"


def test_a_published_version_has_no_editor(cast: Any, admin: Client) -> None:
    published(cast.admin)
    assert admin.get("/forms/refund/versions/1/edit/").status_code == 409


def test_a_form_is_renamed_and_a_draft_discarded_on_the_page(cast: Any, admin: Client) -> None:
    version = published(cast.admin)
    services.draft_version(version.definition, by=cast.admin)
    admin.post("/forms/refund/", {"name": "费用", "name_en": ""})
    admin.post("/forms/refund/versions/2/discard/")
    assert FormDefinition.objects.get().name == "费用"
    assert queries.find_version_by_number("refund", 2) is None


def test_a_used_key_is_refused_beside_its_field(cast: Any, admin: Client) -> None:
    published(cast.admin)
    page = admin.post("/forms/new/", {"key": "refund", "name": "二"})
    assert page.status_code == 422
    assert "key" in page.context["form"].errors


def test_the_script_learns_what_to_show(cast: Any, client_of: Login) -> None:
    version = published(cast.admin)
    answer = client_of(cast.agent).post(
        f"/forms/versions/{version.pk}/shown/", {"prefix": "items", "items-wants": "refund", "items-amount": "200"}
    )
    assert answer.json() == {
        "shown": ["number", "wants", "amount", "account"],
        "required": ["number", "wants", "account"],
    }


@pytest.mark.parametrize("address", ["/forms/none/", "/forms/none/versions/1/", "/forms/refund/versions/7/"])
def test_what_does_not_exist_is_not_found(cast: Any, admin: Client, address: str) -> None:
    published(cast.admin)
    assert admin.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/forms/", "/forms/new/", "/forms/refund/", "/forms/refund/versions/1/", "/forms/refund/versions/2/edit/"],
)
def test_pages_are_for_those_with_the_permission(cast: Any, client_of: Login, address: str) -> None:
    version = published(cast.admin)
    services.draft_version(version.definition, by=cast.admin)
    assert client_of(cast.admin).get(address).status_code == 200
    assert client_of(cast.agent).get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_the_list_takes_the_same_queries_however_many_forms(cast: Any, admin: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert admin.get("/forms/").status_code == 200
        return len(captured)

    published(cast.admin)
    admin.get("/forms/")
    before = count()
    for number in range(8):
        published(cast.admin, key=f"form_{number}")
    assert count() == before
    assert before <= 6
