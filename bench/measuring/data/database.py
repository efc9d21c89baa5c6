"""PostgreSQL for one run of the benchmark: on a CPU of its own, with the tables that chopin seeds."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measuring import cpus
from measuring.servers import postgres
from measuring.servers.postgres import Cluster, PostgresError

# A commit does not wait for the disk, as in TechEmpower's settings: it is not what is measured. Nothing runs beside.
SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
    "jit": "off",
    "unix_socket_permissions": "0700",  # for the superuser
}
# Who is on this machine may use the tables of the benchmark: connecting is not what is measured.
ACCESS = """
local all postgres           trust
host  all bench 127.0.0.1/32 trust
"""
SEED_SECONDS = 300


@dataclass(frozen=True)
class Pins:
    """Server and load generator share a CPU, so that PostgreSQL has the other to itself."""

    clients: tuple[str, ...]
    postgres: tuple[str, ...]
    description: str
    postgres_cpu: int | None = None


def choose_pins() -> Pins:
    chosen = cpus.choose_pins()
    if not chosen.server:
        return Pins((), (), chosen.description.replace("load generator", "load generator and PostgreSQL"))
    first, second = chosen.cpus
    description = f"server and load generator on CPU {first}, PostgreSQL on CPU {second}"
    return Pins(chosen.server, chosen.client, description, second)


@dataclass(frozen=True)
class Database:
    cluster: Cluster
    url: str
    version: str

    def cpu_seconds(self) -> float:
        """Of all its processes, those that have ended included."""
        fields = cpus.stat_of(f"/proc/{self.cluster.pid}/stat")
        ended = sum(map(int, fields[13:15])) / cpus.TICKS_PER_SECOND
        return ended + cpus.cpu_seconds(self.cluster.pid)

    def commits(self) -> int:
        """How many transactions the database has committed; exact only once the sessions have ended."""
        select = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'bench'"
        return int(_psql(self.cluster, select))


def _psql(cluster: Cluster, statement: str) -> str:
    where: list[str | Path] = ["--host", cluster.folder, "--port", str(cluster.port), "--username", postgres.ACCOUNT]
    psql: list[str | Path] = [postgres.programs() / "psql", "--no-psqlrc", "--tuples-only", "--no-align", *where]
    return postgres.run([*psql, "--command", statement, "postgres"]).strip()


@contextmanager
def running(pins: Pins, chopin: Path) -> Iterator[Database]:
    cluster = Cluster(postgres.make_folder(), SETTINGS)
    try:
        cluster.initialise(secrets.token_hex(16))
        postgres.write(cluster.data / "pg_hba.conf", ACCESS)
        cluster.execute_alone("postgres", ["CREATE ROLE bench LOGIN", "CREATE DATABASE bench OWNER bench"])
        cluster.start(prefix=pins.postgres)
        url = f"postgres://bench@127.0.0.1:{cluster.port}/bench?sslmode=disable"
        _seed(chopin, url)
        _psql(cluster, "CHECKPOINT")
        yield Database(cluster, url, _psql(cluster, "SHOW server_version"))
    finally:
        cluster.remove()


def _seed(chopin: Path, url: str) -> None:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "DATABASE_URL": url}
    command = [str(chopin.resolve()), "seed"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SEED_SECONDS, cwd="/")
    if done.returncode != 0:
        raise PostgresError(f"chopin seed failed: {done.stdout}{done.stderr}")
