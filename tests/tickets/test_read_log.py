"""Reading event logs of any origin."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from onepoint.tickets.event_logs.reading import LogProblem, Trace, look_through, parse_moment, read_traces

SHANGHAI = ZoneInfo("Asia/Shanghai")
PREFIXED = """<?xml version="1.0" encoding="UTF-8"?>
<x:log xmlns:x="http://www.xes-standard.org/" xes.version="2.0">
  <x:extension name="Concept" prefix="c" uri="http://www.xes-standard.org/concept.xesext"/>
  <x:extension name="Time" prefix="t" uri="http://www.xes-standard.org/time.xesext"/>
  <x:global scope="event"><x:string key="c:name" value="no event of a case"/></x:global>
  <x:classifier name="Both" keys="c:name 'the place'"/>
  <x:string key="c:name" value="the log"/>
  <x:trace>
    <x:string key="c:name" value="one"/>
    <x:list key="tags"><values><x:string key="tag" value="a"/><x:string key="tag" value="b"/></values></x:list>
    <x:event><x:string key="c:name" value="ask"><x:string key="meta" value="deep"/></x:string>
      <x:string key="the place" value="desk"/><x:date key="t:timestamp" value="2020-01-02T03:04:05"/></x:event>
    <x:event><x:string key="c:name" value="answer"/></x:event>
  </x:trace>
  <x:trace/>
  <x:event><x:string key="c:name" value="loose"/></x:event>
</x:log>"""


def traces_of(tmp_path: Path, text: str | bytes, classifier: str = "") -> list[Trace]:
    path = tmp_path / "some.xes"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_traces(path, SHANGHAI, classifier))


@pytest.mark.parametrize(
    "text",
    [
        "2012-10-09T11:50:17Z", "2012-10-09T14:50:17.000+03:00", "2012-10-09 19:50:17", "2012/10/09 19:50:17",
        "09.10.2012 19:50:17", "2012-10-09T11:50:17.000000000+00:00", "1349783417", "1349783417000",
        "2012-10-09T14:50:17+0300", "2012-10-09T14:50:17 +0300",
    ],
)  # fmt: skip
def test_moments_are_read_however_they_are_written(text: str) -> None:
    assert parse_moment(text, SHANGHAI) == datetime(2012, 10, 9, 11, 50, 17, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2012-13-40", "99999999999999999999"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no date"):
        parse_moment(text, SHANGHAI)


def test_prefixes_are_those_the_file_declares(tmp_path: Path) -> None:
    first, second = traces_of(tmp_path, PREFIXED)
    assert (first.name, [event.activity for event in first.events]) == ("one", ["ask", "answer"])
    assert first.events[0].at == datetime(2020, 1, 1, 19, 4, 5, tzinfo=UTC)  # local where no zone is given
    assert first.events[1].at == first.events[0].at  # undated: when the one before it happened
    assert [child.value for child in first.attributes[0].children] == ["a", "b"]
    assert (second.name, second.events) == ("", [])


def test_a_classifier_names_the_activities(tmp_path: Path) -> None:
    assert traces_of(tmp_path, PREFIXED, "Both")[0].events[0].activity == "ask+desk"
    with pytest.raises(LogProblem, match="no classifier “Third”"):
        traces_of(tmp_path, PREFIXED, "Third")


def test_looking_through_counts_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "some.xes.gz"
    path.write_bytes(gzip.compress(PREFIXED.encode()))
    facts = look_through(path, SHANGHAI)
    assert (facts.traces, facts.events, facts.loose_events, facts.undated) == (2, 2, 1, 1)
    assert facts.name == "the log"
    assert dict(facts.other_attributes) == {"the place": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<log>\n<trace>\n<event>\n</trace>\n</log>", "line 4: mismatched tag"),
        ("<log><trace>", "line 1: no element found"),
        ("", "line 1: no element found"),
        ("<html/>", "line 1: the file begins with <html>"),
        ('<log>\n<trace>\n<event>\n<date key="time:timestamp" value="soon"/></event></trace></log>', "line 3: “soon”"),
        ('<log>\n<trace><event><string key="concept:name" value="a"/></event></trace></log>', "line 2: no event of this"),
        ('<!DOCTYPE log [<!ENTITY a "aaaa">]>\n<log>&a;</log>', "line 1: a document type declaration"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(LogProblem, match=says):
        traces_of(tmp_path, text)


def test_a_cut_off_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogProblem, match="damaged"):
        traces_of(tmp_path, gzip.compress(PREFIXED.encode() * 50)[:-200])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogProblem, match="cannot be opened"):
        list(read_traces(tmp_path / "none.xes", SHANGHAI))
