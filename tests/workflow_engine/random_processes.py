"""Random processes for property tests: structured ones, which can always end, and arbitrary graphs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from onepoint.workflow.engine import Process
from workflow_engine import drawing as d

# What a completed task may set `choice` to; 9 takes loops back, everything else goes on.
CHOICES = (0, 1, 2, 9)


class Block:
    """A piece with one entry and one exit, written when its ids are known."""

    def __init__(self, kind: str, *parts: Block, **settings: Any) -> None:
        self.kind = kind
        self.parts = parts
        self.settings = settings

    def __repr__(self) -> str:
        inside = ", ".join(map(repr, self.parts))
        return f"{self.kind}({inside}{' ' + str(self.settings) if self.settings else ''})"


class Writer:
    """Turns blocks into BPMN; every block yields its text, entry and exit."""

    def __init__(self) -> None:
        self.count = 0

    def id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def write(self, block: Block) -> tuple[str, str, str]:
        written: tuple[str, str, str] = getattr(self, f"write_{block.kind}")(block)
        return written

    def write_task(self, block: Block) -> tuple[str, str, str]:
        number = self.id("t")
        if not block.settings.get("boundary"):
            return d.user(number), number, number
        # A timer that adds a reminder beside the task, or takes the task away and does something else instead.
        event, instead, join = self.id("b"), self.id("t"), self.id("x")
        interrupting = block.settings["boundary"] == "interrupting"
        text = d.user(number, instead) + d.boundary(event, number, d.timer(), interrupting) + d.flow(event, instead)
        if not interrupting:
            return text, number, number
        text += d.gateway("exclusive", join) + d.flow(number, join) + d.flow(instead, join)
        return text, number, join

    def write_sequence(self, block: Block) -> tuple[str, str, str]:
        text, first, last = "", "", ""
        for part in block.parts:
            inner, entry, leave = self.write(part)
            text += inner + (d.flow(last, entry) if last else "")
            first, last = first or entry, leave
        return text, first, last

    def write_choice(self, block: Block) -> tuple[str, str, str]:
        return self._split(block, "exclusive", [f"choice = {index}" for index in range(len(block.parts))])

    def write_some(self, block: Block) -> tuple[str, str, str]:
        return self._split(block, "inclusive", [f"choice >= {index}" for index in range(len(block.parts))])

    def write_all(self, block: Block) -> tuple[str, str, str]:
        return self._split(block, "parallel", [None] * len(block.parts))

    def _split(self, block: Block, kind: str, conditions: list[str | None]) -> tuple[str, str, str]:
        fork, join = self.id("f"), self.id("j")
        text = ""
        default: dict[str, str] = {}
        for index, (part, condition) in enumerate(zip(block.parts, conditions, strict=True)):
            inner, entry, leave = self.write(part)
            number = f"{fork}-{index}"
            if index == 0 and kind != "parallel":
                default = {"default": number}
                condition = None
            text += inner + d.flow(fork, entry, condition, number) + d.flow(leave, join)
        return d.gateway(kind, fork, **default) + d.gateway(kind, join) + text, fork, join

    def write_loop(self, block: Block) -> tuple[str, str, str]:
        inner, entry, leave = self.write(block.parts[0])
        begin, test, task = self.id("x"), self.id("x"), self.id("t")
        text = d.gateway("exclusive", begin) + d.gateway("exclusive", test, default=f"{test}-on")
        after = self.id("x")
        text += inner + d.user(task) + d.gateway("exclusive", after)
        text += d.path(begin, entry) + d.path(leave, task, test)
        text += d.flow(test, begin, "choice = 9") + d.flow(test, after, id=f"{test}-on")
        return text, begin, after

    def write_sub(self, block: Block) -> tuple[str, str, str]:
        inner, entry, leave = self.write(block.parts[0])
        number = self.id("s")
        many = block.settings.get("many", "")
        text = d.start(f"{number}-start") + inner + d.end(f"{number}-end")
        text += d.flow(f"{number}-start", entry) + d.flow(leave, f"{number}-end")
        return d.sub(number, text, many), number, number

    def write_many(self, block: Block) -> tuple[str, str, str]:
        number = self.id("m")
        return d.element("userTask", number, block.settings["many"]), number, number


def _many(sizes: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda size, sequential: d.many(str(list(range(size))), sequential=sequential), sizes, st.booleans()
    )


def blocks(boundaries: bool = False) -> st.SearchStrategy[Block]:
    kinds = [None, "interrupting", "beside"] if boundaries else [None]
    task = st.builds(lambda boundary: Block("task", boundary=boundary), st.sampled_from(kinds))
    many = st.builds(lambda many: Block("many", many=many), _many(st.integers(0, 3)))

    def bigger(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Block("sequence", *parts)),
            several.map(lambda parts: Block("choice", *parts)),
            several.map(lambda parts: Block("all", *parts)),
            several.map(lambda parts: Block("some", *parts)),
            inner.map(lambda part: Block("loop", part)),
            inner.map(lambda part: Block("sub", part)),
            st.builds(lambda part, many: Block("sub", part, many=many), inner, _many(st.integers(1, 2))),
        )

    return st.recursive(st.one_of(task, task, many), bigger, max_leaves=8)


def structured(block: Block) -> Process:
    """A process around a block; it starts and ends with a task so that there is always somebody to ask."""
    text, entry, leave = Writer().write(block)
    return d.drawn(
        d.start(), d.user("first", "last"), d.end(), text, d.path("start", "first", entry), d.path(leave, "last", "end")
    )


@st.composite
def arbitrary(draw: st.DrawFn) -> Process:
    """Any graph at all: joins that never complete, loops without tasks, several ends, ends that terminate."""
    count = draw(st.integers(2, 9))
    kinds = st.sampled_from(["user", "user", "exclusive", "parallel", "inclusive", "end", "terminate", "sub", "many"])
    ids, text = [], ""
    for index in range(count):
        kind = draw(kinds)
        number = f"{kind}{index}"
        ids.append(number)
        text += _node(kind, number)
    starts = [number for number in ids if not number.startswith(("end", "terminate"))]
    if not starts:
        starts, ids, text = ["u"], [*ids, "u"], text + d.user("u")
    text += d.start() + d.flow("start", draw(st.sampled_from(starts)))
    edges = draw(
        st.lists(st.tuples(st.sampled_from(starts), st.sampled_from(ids)), min_size=1, max_size=14, unique=True)
    )
    for source, target in edges:
        text += d.flow(source, target, draw(st.sampled_from([None, None, "choice = 0", "choice >= 1", "choice = 9"])))
    return d.drawn(text)


def _node(kind: str, number: str) -> str:
    if kind == "user":
        return d.user(number)
    if kind == "end":
        return d.end(number)
    if kind == "terminate":
        return d.end(number, d.event("terminate"))
    if kind == "many":
        return d.element("userTask", number, d.many("[1, 2]"))
    if kind == "sub":
        return d.sub(number, d.user(f"{number}-a", f"{number}-b"), d.flow(f"{number}-a", f"{number}-b"))
    return d.gateway(kind, number)
