"""The servers that tests connect to: one cluster for all, copies of it, and pgbouncer in front."""

import secrets
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "bench"))

from measuring.servers import postgres
from measuring.servers.postgres import Cluster

# What a loss of power leaves is not what is tested, except by a cluster of a test's own that sets fsync itself.
SETTINGS = {
    "fsync": "off",
    "ssl": "on",
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "100",
    "shared_buffers": "16MB",
}

# The first line that fits counts.
ACCESS = """
hostnossl all chopin_tls all           reject
host      all chopin_md5 all           md5
local     all all                      scram-sha-256
host      all all        127.0.0.1/32  scram-sha-256
"""

ROLES = ("chopin", "chopin_tls")

BOUNCER = """
[databases]
* = host={folder} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 10
max_client_conn = 200
"""

PGBOUNCER = "/usr/sbin/pgbouncer"


class TestCluster(Cluster):
    """With a database and roles, a certificate, and a password that nobody else knows."""

    def __init__(self, folder: Path, password: str) -> None:
        super().__init__(folder, SETTINGS)
        self.password = password

    def make(self) -> None:
        self.initialise(self.password, "--wal-segsize", "1")
        certificate = self.data / "server.crt"
        request = ["openssl", "req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=localhost"]
        request += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        request += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        postgres.run([*request, "-keyout", self.data / "server.key", "-out", certificate])
        postgres.write(self.data / "pg_hba.conf", ACCESS)
        self.execute_alone("template1", ["CREATE EXTENSION pg_stat_statements"])
        statements = [f"CREATE ROLE {role} LOGIN PASSWORD '{self.password}'" for role in ROLES]
        statements += [
            "SET password_encryption = 'md5'",
            f"CREATE ROLE chopin_md5 LOGIN PASSWORD '{self.password}'",
            "GRANT chopin TO chopin_tls, chopin_md5",
            "GRANT pg_read_all_stats TO chopin",
            "CREATE DATABASE chopin OWNER chopin",
        ]
        self.execute_alone("postgres", statements)

    def copy_to(self, folder: Path) -> "TestCluster":
        """Of a cluster that has never been started: much quicker than making another one."""
        postgres.run(["cp", "--archive", self.data, folder / "data"])
        return TestCluster(folder, self.password)

    def facts(self) -> dict[str, str]:
        """What a test must know to connect: URLs and the parts of them."""
        certificate = self.folder / "certificate.pem"
        shutil.copyfile(self.data / "server.crt", certificate)
        verified = f"?sslmode=verify-full&sslrootcert={quote(str(certificate), safe='')}"
        return {
            "folder": str(self.folder),
            "port": str(self.port),
            "password": self.password,
            "certificate": str(certificate),
            "url": self.url("chopin") + "?sslmode=disable",
            "socket_url": f"{self.url('chopin', '')}?host={quote(str(self.folder), safe='')}&port={self.port}",
            "tls_url": self.url("chopin_tls", f"localhost:{self.port}") + verified,
            "md5_url": self.url("chopin_md5") + "?sslmode=disable",
            "superuser_url": self.url(postgres.ACCOUNT) + "?sslmode=disable",
        }

    def url(self, role: str, place: str | None = None) -> str:
        where = f"127.0.0.1:{self.port}" if place is None else place
        return f"postgres://{role}:{quote(self.password, safe='')}@{where}/chopin"


def new_password() -> str:
    """With all that a URL must escape."""
    return secrets.token_hex(16) + '/@:%?#&=+ "ü'


class Bouncer:
    """pgbouncer in front of a cluster, in transaction mode. Ends with this process."""

    def __init__(self, cluster: TestCluster) -> None:
        folder, port = cluster.folder, postgres.free_port()
        users, settings, log = folder / "users.txt", folder / "pgbouncer.ini", folder / "pgbouncer.log"
        escaped = cluster.password.replace('"', '""')
        postgres.write(users, f'"chopin" "{escaped}"\n')
        postgres.write(settings, BOUNCER.format(folder=folder, port=cluster.port, own_port=port, users=users))
        self.process = postgres.start([PGBOUNCER, "--quiet", settings], log)
        postgres.wait_until(lambda: postgres.accepts(port), self.process, log, postgres.START_SECONDS)
        self.url = cluster.url("chopin", f"127.0.0.1:{port}") + "?sslmode=disable"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
