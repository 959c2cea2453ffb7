"""The pages of batches: from the ticked rows of the list to the report."""

from uuid import uuid4

import pytest
from django.test import Client

from onepoint.core.models import Export
from onepoint.tickets import services
from onepoint.tickets.batch_states import BatchState, BatchVerb
from onepoint.tickets.batches import Chosen
from onepoint.tickets.models import BatchRun
from tickets.conftest import fresh


@pytest.fixture
def tag(cast):
    return services.create_tag(name="重复投诉", by=None)


@pytest.fixture
def pages(cast, client_of) -> Client:
    return client_of(cast.coordinator)


def test_the_list_offers_ticks_to_those_who_may_act_on_many(cast, register, client_of):
    ticket = register()
    box = f'name="ticket" value="{ticket.pk}"'
    assert box in client_of(cast.coordinator).get("/tickets/").content.decode()
    assert box not in client_of(cast.agent).get("/tickets/").content.decode()


def test_ticked_tickets_are_tagged_by_the_form(cast, register, tag, pages):
    ticket = register()
    page = pages.get("/tickets/batches/new/", {"verb": "tag", "ticket": ticket.pk}).content.decode()
    assert ticket.number in page
    assert tag.name in page
    answer = pages.post(
        "/tickets/batches/new/", {"verb": "tag", "ticket": ticket.pk, "tag": tag.code, "request_key": uuid4()}
    )
    run = BatchRun.objects.get()
    assert answer.url == run.get_absolute_url()
    services.run_batch(run.pk, by=None)
    report = pages.get(run.get_absolute_url()).content.decode()
    assert ticket.number in report
    assert str(BatchState.DONE.label) in report


def test_what_is_missing_is_said_and_nothing_starts(cast, register, pages):
    answer = pages.post("/tickets/batches/new/", {"verb": "hold", "ticket": register().pk, "request_key": uuid4()})
    assert answer.status_code == 422
    assert not BatchRun.objects.exists()


def test_everything_a_filter_finds_is_taken(cast, register, tag, pages):
    tickets = [register(), register()]
    pages.post(
        "/tickets/batches/new/",
        {"verb": "tag", "everything": "1", "query": "status=alive", "tag": tag.code, "request_key": uuid4()},
    )
    assert BatchRun.objects.get().total == len(tickets)


def test_only_outcomes_that_need_nothing_more_can_be_chosen_for_many(cast, register, pages):
    page = pages.get("/tickets/batches/new/", {"verb": "complete", "ticket": register().pk}).content.decode()
    assert 'value="complaint|coordinate|finish"' in page
    assert 'value="complaint|coordinate|departments"' not in page


def test_every_verb_has_its_form(cast, register, tag, pages):
    ticket = register()
    for verb in BatchVerb.values:
        assert pages.get("/tickets/batches/new/", {"verb": verb, "ticket": ticket.pk}).status_code == 200


def test_somebody_elses_batch_is_not_there(cast, register, tag, client_of):
    chosen = Chosen(ids=[register().pk])
    run = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen, by=fresh(cast.coordinator))
    for person in (cast.second_agent, cast.outsider, cast.supervisor):
        assert client_of(person).get(run.get_absolute_url()).status_code == 404
    assert client_of(cast.outsider).post(f"{run.get_absolute_url()}stop/").status_code == 404


def test_the_progress_comes_alone_while_it_runs_and_the_page_anew_when_it_has_ended(cast, register, tag, pages):
    chosen = Chosen(ids=[register().pk])
    run = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen, by=fresh(cast.coordinator))
    asked = {"HX-Request": "true"}
    progress = pages.get(f"{run.get_absolute_url()}?part=progress", headers=asked)
    assert "<html" not in progress.content.decode()
    assert "<progress" in progress.content.decode()
    services.run_batch(run.pk, by=None)
    assert pages.get(f"{run.get_absolute_url()}?part=progress", headers=asked)["HX-Refresh"] == "true"


def test_the_report_is_a_list_that_can_be_exported(cast, register, tag, pages, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    ticket = register()
    run = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, Chosen(ids=[ticket.pk]), by=fresh(cast.coordinator))
    services.run_batch(run.pk, by=None)
    from onepoint.core import exporting

    pages.post("/exports/new/", {"list": "batch_items", "query": f"run={run.pk}", "columns": "", "format": "csv"})
    export = Export.objects.get()
    exporting.write_export(export.pk)
    assert ticket.number in exporting.file_of(export).read_text()


def test_chosen_tickets_are_printed_as_a_list(cast, register, pages):
    ticket = register()
    assert ticket.number in pages.get("/tickets/print/", {"ticket": ticket.pk}).content.decode()


def test_the_report_costs_the_same_for_few_and_many(cast, register, tag, pages, django_assert_num_queries):
    few = services.start_batch(
        BatchVerb.TAG, {"tag": tag.code}, Chosen(ids=[register().pk]), by=fresh(cast.coordinator)
    )
    many = services.start_batch(
        BatchVerb.TAG, {"tag": tag.code}, Chosen(ids=[register().pk for _n in range(8)]), by=fresh(cast.coordinator)
    )
    for run in (few, many):
        pages.get(run.get_absolute_url())
        with django_assert_num_queries(4):
            pages.get(run.get_absolute_url())
