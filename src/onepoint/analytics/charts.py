"""Charts as plain SVG: where each line, bar and label stands. Drawn by templates, so that they need no script and print well."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 24, 12, 28
BAR_HEIGHT, BAR_GAP, BAR_LEFT = 18, 8, 190
MOST_BARS = 20
MOST_LABELS = 12


@dataclass(frozen=True)
class Mark:
    """A point of a line or a bar, with what it says when pointed at."""

    x: float
    y: float
    width: float
    label: str
    text: str


@dataclass(frozen=True)
class Tick:
    """A line across and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawing of ``width`` by ``height`` units."""

    width: int
    height: int
    marks: list[Mark]
    ticks: list[Tick]
    labels: list[Tick]
    path: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.marks


def _nice_top(highest: float, is_share: bool) -> tuple[float, float]:
    """The top of an axis that begins at nothing, and the distance of its lines."""
    if highest <= 0:
        return (100.0, 25.0) if is_share else (4.0, 1.0)
    if is_share and highest > 50:
        return 100.0, 25.0
    rough = highest / 4
    power = 10.0 ** floor(log10(rough))
    distance = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough)
    if not is_share:
        distance = max(1.0, ceil(distance))
    return distance * ceil(highest / distance), distance


def _text(value: float, is_share: bool) -> str:
    plain = f"{value:.1f}".removesuffix(".0") if value != int(value) else f"{int(value)}"
    return f"{plain} %" if is_share else plain


def line_chart(points: Sequence[tuple[str, float | None, str]], *, is_share: bool) -> Chart:
    """A line over time: label, value (None leaves a gap) and words of each point."""
    known = [value for _label, value, _words in points if value is not None]
    if not known:
        return Chart(WIDTH, HEIGHT, [], [], [])
    top, distance = _nice_top(max(known), is_share)
    inner = WIDTH - LEFT - RIGHT
    step = inner / max(len(points) - 1, 1)

    def y_of(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)

    marks, path, pen_is_up = [], [], True
    for place, (label, value, words) in enumerate(points):
        x = round(LEFT + (place * step if len(points) > 1 else inner / 2), 1)
        if value is None:
            pen_is_up = True
            continue
        y = y_of(value)
        path.append(f"{'M' if pen_is_up else 'L'}{x} {y}")
        pen_is_up = False
        marks.append(Mark(x, y, 0, label, words))
    every = ceil(len(points) / MOST_LABELS)
    labels = [
        Tick(round(LEFT + (place * step if len(points) > 1 else inner / 2), 1), label)
        for place, (label, _value, _words) in enumerate(points)
        if place % every == 0
    ]
    ticks = [
        Tick(y_of(number * distance), _text(number * distance, is_share)) for number in range(round(top / distance) + 1)
    ]
    return Chart(WIDTH, HEIGHT, marks, ticks, labels, " ".join(path))


def bar_chart(bars: Sequence[tuple[str, float | None, str]], *, is_share: bool) -> Chart:
    """Bars one below the other: label, value and words of each."""
    shown = [(label, value, words) for label, value, words in bars if value is not None][:MOST_BARS]
    if not shown:
        return Chart(WIDTH, 0, [], [], [])
    top, _distance = _nice_top(max(value for _label, value, _words in shown), is_share)
    inner = WIDTH - BAR_LEFT - 70
    marks = [
        Mark(
            BAR_LEFT,
            BAR_GAP + place * (BAR_HEIGHT + BAR_GAP),
            round(max(inner * value / top, 1), 1),
            _clipped(label),
            words,
        )
        for place, (label, value, words) in enumerate(shown)
    ]
    return Chart(WIDTH, BAR_GAP + len(shown) * (BAR_HEIGHT + BAR_GAP), marks, [], [])


def _clipped(label: str, most: int = 28) -> str:
    """So many half-wide characters fit beside a bar; Chinese ones take two."""
    taken = 0
    for place, sign in enumerate(label):
        taken += 2 if ord(sign) > 0x2E80 else 1
        if taken > most:
            return label[:place] + "…"
    return label


def sparkline(values: Sequence[float | None], width: int = 120, height: int = 28) -> str:
    """The path of a small line without axes."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    lowest, highest = min(known), max(known)
    spread = (highest - lowest) or 1.0
    step = (width - 4) / (len(values) - 1)
    parts, pen_is_up = [], True
    for place, value in enumerate(values):
        if value is None:
            pen_is_up = True
            continue
        y = 2 + (height - 4) * (1 - (value - lowest) / spread) if highest > lowest else height / 2
        parts.append(f"{'M' if pen_is_up else 'L'}{2 + place * step:.1f} {y:.1f}")
        pen_is_up = False
    return " ".join(parts)
