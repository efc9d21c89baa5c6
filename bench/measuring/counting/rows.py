"""The requests that are counted: which request to which server, and what it may cost."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measuring import servers
from measuring.load import request_file
from measuring.load.workload import PLAIN, Workload
from measuring.servers.ours import GUARDED_PATH, OPEN_PATH

CONNECTIONS = 16  # of wrk


@dataclass(frozen=True)
class Row:
    """A request to be counted."""

    mode: servers.Mode | None  # None: the floor, or chopin_typed
    path: str = servers.PATH
    request: str = PLAIN
    depth: int = 1
    flags: tuple[str, ...] = ()
    limit: int | None = None  # the user instructions that it may cost under wrk
    core: bool = False  # whether every change is checked against it
    typed: bool = False  # the program with declared routes

    def __post_init__(self) -> None:
        if self.request not in request_file.NAMES:
            raise ValueError(f"there is no request {self.request}, only {' '.join(request_file.NAMES)}")

    @property
    def server(self) -> object:
        """The same for all rows that can share a running server."""
        return self.mode, self.typed, self.flags

    @property
    def work(self) -> Workload:
        """Under wrk."""
        return Workload(self.path, self.request, connections=CONNECTIONS, depth=self.depth)

    def program(self, build_dir: Path, port: int) -> servers.Program:
        if self.typed:
            return servers.typed(build_dir, port, self.path)
        if self.mode is None:
            return servers.floor(build_dir, port)
        flags = ("--log-level", "info", *self.flags)  # the number of requests is logged at info
        return servers.chopin(build_dir, port, *flags, mode=self.mode, path=self.path)


VARIED = "plain-varied"
BROWSER = "browser"
BROWSER_VARIED = "browser-varied"
WITHOUT_MEMO = ("--head-memo", "off")
PREBUILT, COMPOSED, STANDARD = servers.PREBUILT, servers.COMPOSED, servers.STANDARD

ROWS = {
    "floor-plain": Row(None),
    "floor-pipelined": Row(None, depth=servers.DEEPEST),
    "plain": Row(PREBUILT, limit=750, core=True),
    "plain-varied": Row(PREBUILT, request=VARIED, limit=1000, core=True),
    "plain-no-memo": Row(PREBUILT, flags=WITHOUT_MEMO),
    "pipelined": Row(PREBUILT, depth=servers.DEEPEST, limit=130, core=True),
    "pipelined-varied": Row(PREBUILT, request=VARIED, depth=servers.DEEPEST, limit=400, core=True),
    "pipelined-no-memo": Row(PREBUILT, depth=servers.DEEPEST, flags=WITHOUT_MEMO),
    "browser-pipelined": Row(PREBUILT, request=BROWSER, depth=servers.DEEPEST, limit=160, core=True),
    "browser-pipelined-varied": Row(PREBUILT, request=BROWSER_VARIED, depth=servers.DEEPEST, limit=1300, core=True),
    "browser-pipelined-no-memo": Row(PREBUILT, request=BROWSER, depth=servers.DEEPEST, flags=WITHOUT_MEMO),
    "json": Row(PREBUILT, "/json"),
    "json-varied": Row(PREBUILT, "/json", VARIED),
    "json-composed": Row(COMPOSED, "/json", core=True),
    "json-composed-varied": Row(COMPOSED, "/json", VARIED),
    "json-standard": Row(STANDARD, "/json"),
    "welcome": Row(PREBUILT, "/", limit=1300, core=True),
    "welcome-varied": Row(PREBUILT, "/", VARIED, limit=1700, core=True),
    "post": Row(PREBUILT, "/echo", "post", core=True),
    "post-varied": Row(PREBUILT, "/echo", "post-varied"),
    "post-chunked": Row(PREBUILT, "/echo", "post-chunked", core=True),
    "post-chunked-varied": Row(PREBUILT, "/echo", "post-chunked-varied"),
    "echo-1k": Row(PREBUILT, "/echo", "echo-1k"),
    "new-connection": Row(PREBUILT, request="close"),
    "typed-post": Row(None, servers.PRODUCTS_PATH, "product", typed=True, limit=12_000),
    "bearer": Row(None, GUARDED_PATH, "bearer", typed=True),
    "no-guard": Row(None, OPEN_PATH, "bearer", typed=True),
}
CORE = [name for name, row in ROWS.items() if row.core]
LIMITS = {name: row.limit for name, row in ROWS.items() if row.limit is not None}


@dataclass(frozen=True)
class Difference:
    """How much more one row may cost than another."""

    row: str
    less: str
    limit: int

    @property
    def name(self) -> str:
        return f"{self.row} less {self.less}"


DIFFERENCES = (
    Difference("json-composed", "json", 200),
    Difference("json-composed-varied", "json-varied", 200),
    Difference("bearer", "no-guard", 19_000),  # callgrind has no SHA extensions, which take less than half
)


def refused(names: Iterable[str], build_dir: Path) -> dict[str, str]:
    """The rows with flags that the server does not know, and its error messages."""
    errors = {}
    for name in names:
        if ROWS[name].flags:
            program = ROWS[name].program(build_dir, 0)
            command = [*program.command, "--version"]
            done = subprocess.run(command, env=program.environment, capture_output=True, text=True)
            if done.returncode:
                errors[name] = done.stderr.strip()
    return errors
