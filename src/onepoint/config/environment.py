"""Everything the environment may set, typed, in one place."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[3]


class Environment(BaseSettings):
    """Variables named ``ONEPOINT_…``; business parameters are not here but in tables with a screen."""

    model_config = SettingsConfigDict(env_prefix="ONEPOINT_")

    database_url: str = ""
    pool_url: str = ""  # PgBouncer in transaction mode, for what web processes ask; sessions still go to database_url
    replica_url: str = ""  # a streaming replica that exports and reports are read from
    replica_most_lag: float = Field(default=60, gt=0)  # seconds; when it is further behind, reports read the primary
    data_dir: Path = PROJECT_ROOT / "var"
    secret_key: str = ""
    old_secret_keys: list[str] = Field(default_factory=list)  # still accepted while everything is sealed anew
    debug: bool = False
    allowed_hosts: list[str] = Field(default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"])
    trusted_origins: list[str] = Field(default_factory=list)
    behind_tls: bool = False
    trusted_proxies: list[str] = Field(default_factory=list)  # addresses or networks whose X-Forwarded-… count
    log_level: str = "INFO"
    log_format: Literal["plain", "json"] = "plain"  # json: one object a line, for whoever collects logs
    metrics_token: str = ""  # what Prometheus sends as bearer; without one only this machine may read /metrics
    slow_statement_milliseconds: int = Field(default=200, ge=1)  # statements that take longer are kept for the operator
    web_workers: int = Field(default=1, ge=1, le=64)  # processes
    web_threads: int = Field(default=8, ge=1, le=256)  # per process; each keeps a database connection
    worker_concurrency: int = Field(default=4, ge=1, le=64)  # jobs at a time
    job_seconds: float = Field(default=1800, gt=0)  # a worker in which one job takes longer ends and is begun anew
    audit_anchors: Path | None = None  # file that keeps the end of the journal's chain; best on another machine's disk
    scanner: str = ""  # of viruses: clamd at tcp://host:port or unix:/path; empty: files are not scanned
    scanner_required: bool = False  # whether files are refused while it does not answer, else marked as not scanned
    max_upload_megabytes: int = Field(default=50, ge=1, le=2048)


environment = Environment()
