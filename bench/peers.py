"""The servers that chopin is compared with: which are available, and how those are built that are our own programs
around a library. Their sources are in bench/peers/, their builds in build/peers/."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import packaged
import servers
from packaged import Package, Resource
from progress import Progress
from servers import Exemption, Program

SOURCES = Path(__file__).resolve().parent / "peers"
BUILT = SOURCES.parent.parent / "build" / "peers"
BUILD_SECONDS = 3600  # at most: chopin-core 0.3 brings a web framework and the clients of three databases
RESOURCES = (
    Resource(servers.PATH, servers.HELLO.decode()),
    Resource(servers.JSON_PATH, servers.JSON.decode(), "application/json"),
)


@dataclass(frozen=True)
class Peer:
    name: str
    version: str | None
    program: Program | None  # None if it is not available
    reason: str | None  # why it is not available


@dataclass(frozen=True)
class Toolchain:
    name: str
    site: str
    folder: Path  # where its own installer puts it, maybe outside the search path

    @property
    def executable(self) -> str | None:
        return shutil.which(self.name, path=self._search_path)

    def environment(self) -> dict[str, str]:
        """The caller's, without variables that would override .cargo/config.toml."""
        overruling = ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR")
        kept = {name: value for name, value in os.environ.items() if name not in overruling}
        return {**kept, "PATH": self._search_path, "CGO_ENABLED": "0", "GOAMD64": go_level()}

    @property
    def _search_path(self) -> str:
        return os.pathsep.join((os.environ.get("PATH", os.defpath), str(self.folder)))


# Debian 12 packages both, but in versions too old for the peers' dependencies.
CARGO = Toolchain("cargo", "https://rustup.rs", Path.home() / ".cargo" / "bin")
GO = Toolchain("go", "https://go.dev/dl", Path("/usr/local/go/bin"))

GO_LEVELS = {
    "v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "v3": {"avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"},
    "v2": {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"},
}


def go_level() -> str:
    """The highest x86-64 level of this CPU; each level includes those below it."""
    flags = set(re.findall(r"\w+", Path("/proc/cpuinfo").read_text()))
    reached = "v1"
    for level in sorted(GO_LEVELS):
        if not GO_LEVELS[level] <= flags:
            break
        reached = level
    return reached


@dataclass(frozen=True)
class Source:
    """Our own program around a library."""

    name: str
    library: str
    toolchain: Toolchain
    exemptions: tuple[Exemption, ...] = ()
    adds: bool = False  # whether it serves the sums
    products: bool = False  # whether it serves the products of `typed`, and nothing else
    queries: bool = False  # whether it is one of `run data`, which needs a database

    @property
    def folder(self) -> Path:
        return SOURCES / self.name

    @property
    def product(self) -> Path:
        return BUILT / "release" / f"peer-{self.name.replace('.', '-')}"

    @property
    def log(self) -> Path:
        return BUILT / f"{self.name}.log"

    @property
    def version(self) -> str:
        """Of the library, from the lock file; of Go's own, the version of the language."""
        if self.toolchain is GO:
            found = re.search(rf"{re.escape(self.library)} v?(\S+)", (self.folder / "go.mod").read_text())
            assert found is not None
            return found[1]
        locked = tomllib.loads((self.folder / "Cargo.lock").read_text())["package"]
        return next(package["version"] for package in locked if package["name"] == self.library)

    def build_command(self, executable: str) -> list[str]:
        if self.toolchain is GO:
            flags = ["-mod=readonly", "-trimpath", "-buildvcs=false"]
            return [executable, "build", *flags, "-o", str(self.product), "."]
        return [executable, "build", "--release", "--locked"]

    def digest(self) -> str:
        """Of all its sources, so that an old build is not taken for a new version."""
        files = [*sorted(SOURCES.glob("*.rs")), SOURCES / ".cargo" / "config.toml"]
        files += sorted(path for path in self.folder.rglob("*") if path.is_file())
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()

    @property
    def stamp(self) -> Path:
        """Holds the digest of what the product was built from."""
        return BUILT / f"{self.name}.sha256"

    def is_built(self) -> bool:
        return self.product.is_file() and self.stamp.is_file() and self.stamp.read_text() == self.digest()

    def program(self, workers: int) -> Program:
        command = (str(self.product), servers.PORT, str(workers))
        end = -signal.SIGTERM  # none of them cleans up
        if self.products:
            return Program(
                self.name,
                command,
                servers.PRODUCT_ROUTES,
                servers.PRODUCTS_PATH,
                faults=servers.PRODUCT_FAULTS,
                end_status=end,
            )
        routes = servers.HELLO_ROUTES + (servers.SUM_ROUTES if self.adds else ())
        bodies = servers.SUMS if self.adds else ()
        return Program(self.name, command, routes, bodies=bodies, exemptions=self.exemptions, end_status=end)


BUILDABLE = (
    Source("hyper", "hyper", CARGO, adds=True),
    Source("actix-web", "actix-web", CARGO, adds=True),
    Source("chopin-core-0.3", "chopin-core", CARGO),
    Source("chopin-core-0.5", "chopin-core", CARGO, (Exemption.HEAD_LENGTH, Exemption.PIECES)),
    Source("fasthttp", "github.com/valyala/fasthttp", GO, adds=True),
    Source("axum-json", "axum", CARGO, products=True),
    Source("go-json", "go", GO, products=True),
    Source("axum-postgres", "tokio-postgres", CARGO, queries=True),
    Source("fasthttp-pgx", "github.com/jackc/pgx/v5", GO, queries=True),
)


def available(workers: int = 1) -> list[Peer]:
    """All of them, always in this order; unavailable ones give the reason."""
    packages = (packaged.nginx(RESOURCES, workers), packaged.h2o_files(RESOURCES, workers))
    return [*map(_packaged_peer, packages), *_source_peers(workers, queries=False)]


def with_database() -> list[Peer]:
    """The same for those of `run data`."""
    return _source_peers(1, queries=True)


def _source_peers(workers: int, queries: bool) -> list[Peer]:
    return [_source_peer(source, workers) for source in BUILDABLE if source.queries == queries]


def _packaged_peer(package: Package) -> Peer:
    executable = package.executable
    if executable is None:
        return Peer(package.name, None, None, package.missing())
    program = package.program(executable, servers.HELLO_ROUTES)
    return Peer(package.name, packaged.version_of(executable), program, None)


def _source_peer(source: Source, workers: int) -> Peer:
    if source.is_built():
        return Peer(source.name, source.version, source.program(workers), None)
    reason = "not built from its current sources: bench/run peers"
    if source.toolchain.executable is None:
        reason = f"{source.toolchain.name} is not installed: {source.toolchain.site}, then bench/run peers"
    return Peer(source.name, source.version, None, reason)


def build(progress: Progress) -> list[Peer]:
    """Builds all whose toolchain is installed, one step each, and returns what is available then."""
    failures = {}
    for source in BUILDABLE:
        progress.step(f"{source.name} {source.version}")
        executable = source.toolchain.executable
        if executable is not None:
            failures[source.name] = _build(source, executable)
    return [_failed(peer, failures.get(peer.name)) for peer in (*available(), *with_database())]


def _failed(peer: Peer, reason: str | None) -> Peer:
    return peer if reason is None else replace(peer, program=None, reason=reason)


def _build(source: Source, executable: str) -> str | None:
    """The reason if it could not be built."""
    source.product.parent.mkdir(parents=True, exist_ok=True)
    source.stamp.unlink(missing_ok=True)
    digest = source.digest()
    with source.log.open("w") as log:
        try:
            done = subprocess.run(
                source.build_command(executable),
                cwd=source.folder,
                env=source.toolchain.environment(),
                stdout=log,
                stderr=log,
                timeout=BUILD_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"its build failed: {error}"
    if done.returncode != 0:
        return f"its build failed: {_complaint(source.log)} (the rest is in {source.log})"
    source.stamp.write_text(digest)
    return None


def _complaint(log: Path) -> str:
    """The first error in it, or else the last line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("error")), lines[-1] if lines else "no output")


def checked(peer: Peer, depth: int) -> tuple[Peer, servers.Responses]:
    """With its responses; if these are wrong it is no longer available."""
    if peer.program is None:
        return peer, {}
    try:
        return peer, servers.check(peer.program, depth)
    except (servers.ServerError, OSError) as error:
        return replace(peer, program=None, reason=f"its responses are wrong: {error}"), {}
