"""What Prometheus reads: requests of this machine's web processes, and figures of the house taken from its tables.

Web processes share files in the folder ``PROMETHEUS_MULTIPROC_DIR`` (``config.web`` sets it), so that whichever process is
asked answers for all of its machine.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
REQUESTS = Histogram(
    "onepoint_request_seconds", "Time a request took, by page", ("page", "method", "status"), buckets=_BUCKETS
)
STATEMENTS = Counter("onepoint_request_statements", "Statements sent to the database, by page", ("page",))
DATABASE = Counter("onepoint_request_database_seconds", "Time spent waiting for the database, by page", ("page",))


def note_request(page: str, method: str, status: int, seconds: float, statements: int, database_seconds: float) -> None:
    """Count one answered request."""
    known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
    REQUESTS.labels(page, known, str(status)).observe(seconds)
    STATEMENTS.labels(page).inc(statements)
    DATABASE.labels(page).inc(database_seconds)


@dataclass(frozen=True)
class Gauge:
    """A figure of the whole house; ``read`` gives it for each value of ``label`` ("" for the only one)."""

    name: str
    about: str
    label: str
    read: Callable[[], Mapping[str, float]]


_gauges: dict[str, Gauge] = {}


def register_gauge(name: str, about: str, read: Callable[[], Mapping[str, float]], *, label: str = "") -> None:
    """Let Prometheus see a figure that one cheap query gives; the later of one name is kept."""
    _gauges[name] = Gauge(name, about, label, read)


def read_gauges() -> list[tuple[Gauge, Mapping[str, float]]]:
    """Every registered figure as it is now, by name."""
    return [(gauge, gauge.read()) for _name, gauge in sorted(_gauges.items())]


class _House:
    """Collects the registered gauges."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge, values in read_gauges():
            family = GaugeMetricFamily(gauge.name, gauge.about, labels=[gauge.label] if gauge.label else None)
            for label, value in values.items():
                family.add_metric([label] if gauge.label else [], value)
            yield family


def latest() -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
        requests = generate_latest(registry)
    else:
        requests = generate_latest(REGISTRY)
    house = CollectorRegistry()
    house.register(_House())
    return requests + generate_latest(house)
