"""The servers that chopin is compared with: which are available, and how those are built that are our own programs
around a library. Their sources are in bench/peers/, their builds in build/peers/."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from measuring.progress import Progress
from measuring.servers import packaged, program
from measuring.servers.check import Responses, check
from measuring.servers.packaged import Package, Resource
from measuring.servers.program import Exemption, Program, ServerError

SOURCES = Path(__file__).resolve().parents[2] / "peers"
BUILT = SOURCES.parents[1] / "build" / "peers"
BUILD_SECONDS = 3600  # at most: chopin-core 0.3 brings a web framework and the clients of three databases
USUAL_BUILD_SECONDS = 60  # for the first guess of the time left
RESOURCES = (
    Resource(program.PATH, program.HELLO.decode()),
    Resource(program.JSON_PATH, program.JSON.decode(), "application/json"),
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
    "v2": {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"},
    "v3": {"avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"},
    "v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
}


def go_level() -> str:
    """The highest x86-64 level of this CPU; each level includes those below it."""
    flags = set(re.findall(r"\w+", Path("/proc/cpuinfo").read_text()))
    reached = "v1"
    for level, needed in GO_LEVELS.items():
        if not needed <= flags:
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
    queries: bool = False  # whether it is one of `data`, which needs a database

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
    def stamp(self) -> Path:
        """Holds the digest of what the product was built from."""
        return BUILT / f"{self.name}.sha256"

    @property
    def version(self) -> str:
        """Of the library, from the lock file; of Go's own, the version of the language."""
        if self.toolchain is GO:
            found = re.search(rf"{re.escape(self.library)} v?(\S+)", (self.folder / "go.mod").read_text())
            assert found is not None
            return found[1]
        locked = tomllib.loads((self.folder / "Cargo.lock").read_text())["package"]
        return str(next(package["version"] for package in locked if package["name"] == self.library))

    def digest(self) -> str:
        """Of all its sources, so that an old build is not taken for a new version."""
        files = [*sorted(SOURCES.glob("*.rs")), SOURCES / ".cargo" / "config.toml"]
        files += sorted(path for path in self.folder.rglob("*") if path.is_file())
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()

    def is_built(self) -> bool:
        return self.product.is_file() and self.stamp.is_file() and self.stamp.read_text() == self.digest()

    def program(self, workers: int) -> Program:
        command = (str(self.product), program.PORT, str(workers))
        end = -signal.SIGTERM  # none of them cleans up
        if self.products:
            asked, faults = (program.PRODUCT_ROUTES, program.PRODUCTS_PATH), program.PRODUCT_FAULTS
            return Program(self.name, command, *asked, faults=faults, end_status=end)
        routes = program.HELLO_ROUTES + (program.SUM_ROUTES if self.adds else ())
        bodies = program.SUMS if self.adds else ()
        return Program(self.name, command, routes, bodies=bodies, exemptions=self.exemptions, end_status=end)

    def peer(self, workers: int) -> Peer:
        if self.is_built():
            return Peer(self.name, self.version, self.program(workers), None)
        reason = "not built from its current sources: bench/run peers"
        if self.toolchain.executable is None:
            reason = f"{self.toolchain.name} is not installed: {self.toolchain.site}, then bench/run peers"
        return Peer(self.name, self.version, None, reason)

    def build(self, executable: str) -> str | None:
        """The reason if it could not be built."""
        cargo = ["build", "--release", "--locked"]
        go = ["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", str(self.product), "."]
        command = [executable, *(go if self.toolchain is GO else cargo)]
        self.product.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.unlink(missing_ok=True)
        digest, variables = self.digest(), self.toolchain.environment()
        with self.log.open("w") as log:
            try:
                done = subprocess.run(
                    command, cwd=self.folder, env=variables, stdout=log, stderr=log, timeout=BUILD_SECONDS
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"its build failed: {error}"
        if done.returncode != 0:
            return f"its build failed: {_complaint(self.log)} (the rest is in {self.log})"
        self.stamp.write_text(digest)
        return None


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
    sources = [source.peer(workers) for source in BUILDABLE if not source.queries]
    return [*map(_packaged_peer, packages), *sources]


def with_database() -> list[Peer]:
    """The same for those of `data`."""
    return [source.peer(1) for source in BUILDABLE if source.queries]


def chosen(names: Sequence[str] | None) -> list[Peer]:
    """Those of `available` with these names; None: all."""
    everybody = available()
    known = [peer.name for peer in everybody]
    for name in names or ():
        if name not in known:
            raise ServerError(f"--peers: {name!r} is none of {', '.join(known)}")
    return [peer for peer in everybody if names is None or peer.name in names]


def _packaged_peer(package: Package) -> Peer:
    executable = package.executable
    if executable is None:
        return Peer(package.name, None, None, package.missing())
    return Peer(package.name, packaged.version_of(executable), package.program(executable, program.HELLO_ROUTES), None)


def build() -> list[Peer]:
    """Builds all whose toolchain is installed, and returns what is available then."""
    progress = Progress(len(BUILDABLE), USUAL_BUILD_SECONDS)
    failures: dict[str, str | None] = {}
    for source in BUILDABLE:
        progress.step(f"{source.name} {source.version}")
        executable = source.toolchain.executable
        if executable is not None:
            failures[source.name] = source.build(executable)
    progress.finish()
    peers = [*available(), *with_database()]
    return [replace(peer, program=None, reason=why) if (why := failures.get(peer.name)) else peer for peer in peers]


def _complaint(log: Path) -> str:
    """The first error in it, or else the last line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("error")), lines[-1] if lines else "no output")


def checked(peer: Peer, depth: int) -> tuple[Peer, Responses]:
    """With its responses; if these are wrong it is no longer available."""
    if peer.program is None:
        return peer, {}
    try:
        return peer, check(peer.program, depth)
    except (ServerError, OSError) as error:
        return replace(peer, program=None, reason=f"its responses are wrong: {error}"), {}
