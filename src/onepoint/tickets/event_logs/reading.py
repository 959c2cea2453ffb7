"""Streams an event log in XES (IEEE 1849), plain or gzipped: one trace after another, whatever the size of the file.

Read with expat directly, for line numbers and speed; a file with a document type declaration is refused, so that no
entity is ever expanded and nothing outside the file is read.
"""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Any, cast
from xml.parsers import expat

CHUNK = 256 * 1024
NAMESPACES_END = ":"
#: Standard extensions by the last part of their address: their prefix may be another one in a file.
_EXTENSIONS = {"concept": "concept", "lifecycle": "lifecycle", "org": "org", "time": "time"}
_ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
_DATE_FORMATS = (
    "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M",
    "%d-%m-%Y %H:%M:%S.%f", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M",
    "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S %z", "%Y-%m-%d %H:%M:%S %z",
)  # fmt: skip
_FRACTION = re.compile(r"(\.\d{6})\d+")
UNNAMED = "(unnamed)"


class LogProblem(Exception):
    """The file cannot be read as an event log; the text says where and why."""


@dataclass
class Attribute:
    """One attribute with what is nested in it."""

    kind: str
    key: str
    value: str
    children: list["Attribute"] = field(default_factory=list)


@dataclass(frozen=True)
class Event:
    """One thing that happened to a case."""

    activity: str
    resource: str  # empty: nobody is named
    transition: str  # of the standard lifecycle, in lower case
    at: datetime


@dataclass
class Trace:
    """One case with its events in the order of the file."""

    name: str  # as the log calls it; empty where it does not
    number: int  # its place in the log, from 1
    attributes: list[Attribute]
    events: list[Event]


@dataclass
class LogFacts:
    """What one looking-through tells of a log."""

    traces: int = 0
    events: int = 0
    loose_events: int = 0
    activities: Counter[str] = field(default_factory=Counter)
    firsts: Counter[str] = field(default_factory=Counter)
    transitions: Counter[str] = field(default_factory=Counter)
    resources: dict[str, None] = field(default_factory=dict)
    other_attributes: Counter[str] = field(default_factory=Counter)
    undated: int = 0
    name: str = ""


def parse_moment(text: str, zone: tzinfo) -> datetime:
    """A moment in UTC; one without a time zone is taken for local in ``zone``. Raises ValueError."""
    plain = _FRACTION.sub(r"\1", text.strip())
    if plain.isdigit() and len(plain) in (10, 13):  # seconds or milliseconds since 1970
        return datetime.fromtimestamp(int(plain) / (1000 if len(plain) == 13 else 1), UTC)
    moment: datetime | None = None
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        for pattern in _DATE_FORMATS:
            try:
                moment = datetime.strptime(plain, pattern)  # noqa: DTZ007 (the zone is set below)
                break
            except ValueError:
                continue
    if moment is None:
        raise ValueError(f"“{text}” is no date and time that can be read")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


class _Reader:
    """Turns expat's calls into traces."""

    def __init__(self, zone: tzinfo, classifier: str) -> None:
        self.zone, self.wanted = zone, classifier
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.ready: list[Trace] = []
        self.classifiers: dict[str, list[str]] = {}
        self.log_attributes: list[Attribute] = []
        self.traces = self.loose = 0
        self.undated = 0
        self.others: Counter[str] = Counter()
        self._prefixes: dict[str, str] = {}
        self._open: list[Any] = []  # the containers we are in: lists of attributes, None for what is skipped
        self._path: list[str] = []
        self._events: list[tuple[int, list[Attribute]]] = []
        self._trace: list[Attribute] = []
        self._seen_log = False

    def _refuse(self, *_of: Any) -> None:
        raise self.problem("a document type declaration is not allowed here")

    def problem(self, text: str, line: int = 0) -> LogProblem:
        return LogProblem(f"line {line or self.parser.CurrentLineNumber}: {text}")

    def _start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(NAMESPACES_END)[2]
        if not self._path and local != "log":
            raise self.problem(f"the file begins with <{name}>, an event log begins with <log>")
        self._path.append(local)
        if local == "log":
            self._seen_log = True
            self._open.append(self.log_attributes)
        elif local == "extension":
            self._note_extension(given)
        elif local == "classifier":
            self.classifiers[given.get("name", "")] = _split_keys(given.get("keys", ""))
        elif local == "global":
            self._open.append([])
        elif local == "trace":
            self._trace, self._events = [], []
            self._open.append(self._trace)
        elif local == "event":
            attributes: list[Attribute] = []
            self._events.append((self.parser.CurrentLineNumber, attributes))
            self._open.append(attributes)
        elif local in _ATTRIBUTES:
            attribute = Attribute(local, self._key(given.get("key", "")), given.get("value", ""))
            if self._open:
                self._open[-1].append(attribute)
            self._open.append(attribute.children)

    def _end(self, name: str) -> None:
        local = self._path.pop()
        if local in _ATTRIBUTES or local in ("log", "global", "event", "trace"):
            self._open.pop()
        if local == "trace":
            self._finish_trace()
        elif local == "event" and "trace" not in self._path:
            self.loose += 1
            self._events.clear()

    def _note_extension(self, given: dict[str, str]) -> None:
        last = given.get("uri", "").rstrip("/").rpartition("/")[2].removesuffix(".xesext")
        if standard := _EXTENSIONS.get(last):
            self._prefixes[given.get("prefix", "")] = standard

    def _key(self, key: str) -> str:
        prefix, colon, rest = key.partition(":")
        standard = self._prefixes.get(prefix)
        return f"{standard}:{rest}" if colon and standard else key

    def _finish_trace(self) -> None:
        self.traces += 1
        name = next((each.value for each in self._trace if each.key == "concept:name"), "")
        others = [each for each in self._trace if each.key != "concept:name"]
        events: list[Event] = []
        last = self._first_moment()
        for line, attributes in self._events:
            event = self._event(line, attributes, last)
            last = event.at
            events.append(event)
        self.ready.append(Trace(name, self.traces, others, events))
        self._events = []

    def _first_moment(self) -> datetime | None:
        """The first moment of the trace: what comes before it undated is taken to have happened then."""
        for line, attributes in self._events:
            for each in attributes:
                if each.key == "time:timestamp":
                    return self._moment(each.value, line)
        return None

    def _moment(self, text: str, line: int) -> datetime:
        try:
            return parse_moment(text, self.zone)
        except (ValueError, OverflowError) as problem:
            raise self.problem(str(problem), line) from problem

    def _event(self, line: int, attributes: list[Attribute], last: datetime | None) -> Event:
        values = {each.key: each.value for each in attributes}
        self.others.update(each.key for each in attributes if each.key not in _READ)
        text = values.get("time:timestamp", "")
        moment = self._moment(text, line) if text else last
        if moment is None:
            raise self.problem("no event of this case has a time", line)
        self.undated += not text
        transition = values.get("lifecycle:transition", "").strip().lower()
        return Event(self._activity(values), values.get("org:resource", ""), transition or "complete", moment)

    def _activity(self, values: dict[str, str]) -> str:
        if self.wanted:
            if self.wanted not in self.classifiers:
                known = ", ".join(self.classifiers) or "none"
                raise LogProblem(f"the log has no classifier “{self.wanted}” (it has: {known})")
            keys = self.classifiers[self.wanted]
        else:
            keys = ["concept:name"]
        named = "+".join(values.get(self._key(key), "") for key in keys)
        return named.strip("+") and named or values.get("concept:name", "") or UNNAMED


_READ = frozenset({"concept:name", "org:resource", "lifecycle:transition", "time:timestamp"})


def _split_keys(text: str) -> list[str]:
    """The keys of a classifier: separated by blanks, those with blanks inside in single quotation marks."""
    return [quoted or plain for quoted, plain in re.findall(r"'([^']*)'|(\S+)", text)]


def _opened(path: Path) -> IO[bytes]:
    try:
        with path.open("rb") as file:
            is_zipped = file.read(2) == b"\x1f\x8b"
        return cast(IO[bytes], gzip.open(path, "rb")) if is_zipped else path.open("rb")
    except OSError as problem:
        raise LogProblem(f"{path.name} cannot be opened: {problem.strerror}") from problem


def read_traces(path: Path, zone: tzinfo, classifier: str = "", facts: LogFacts | None = None) -> Iterator[Trace]:
    """The cases of a log, one by one; ``facts`` is filled on the way. Raises LogProblem naming the line."""
    reader = _Reader(zone, classifier)
    try:
        with _opened(path) as file:
            while chunk := file.read(CHUNK):
                reader.parser.Parse(chunk, False)
                yield from _handed_out(reader, facts)
            reader.parser.Parse(b"", True)
            yield from _handed_out(reader, facts)
    except expat.ExpatError as problem:
        raise LogProblem(f"line {problem.lineno}: {expat.ErrorString(problem.code)}") from problem
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise LogProblem(f"{path.name} is damaged: {problem}") from problem
    if facts is not None:
        facts.loose_events, facts.undated, facts.other_attributes = reader.loose, reader.undated, reader.others
        facts.name = next((each.value for each in reader.log_attributes if each.key == "concept:name"), "")


def _handed_out(reader: _Reader, facts: LogFacts | None) -> Iterator[Trace]:
    ready, reader.ready = reader.ready, []
    for trace in ready:
        if facts is not None:
            _count(facts, trace)
        yield trace


def _count(facts: LogFacts, trace: Trace) -> None:
    facts.traces += 1
    facts.events += len(trace.events)
    if trace.events:
        facts.firsts[trace.events[0].activity] += 1
    for event in trace.events:
        facts.activities[event.activity] += 1
        facts.transitions[event.transition] += 1
        if event.resource:
            facts.resources[event.resource] = None


def look_through(path: Path, zone: tzinfo, classifier: str = "") -> LogFacts:
    """Read the whole log once: what is wrong anywhere in it is found before anything is written."""
    facts = LogFacts()
    for _trace in read_traces(path, zone, classifier, facts):
        pass
    return facts
