"""Who runs on which CPU, and before whom."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# The session's share of the CPUs, where the kernel makes one: nice values count inside a session alone then.
AUTOGROUP = Path("/proc/self/autogroup")
NICE = -10


@dataclass(frozen=True)
class Places:
    server: tuple[str, ...]  # prefixes of a command
    behind: tuple[str, ...]  # the server behind a proxy
    clients: int | None  # CPU of attackers and healthy clients
    about: str


def choose(is_preferred: bool) -> Places:
    """`is_preferred`: the server comes before everything else on the machine."""
    allowed = sorted(os.sched_getaffinity(0))
    nice = ("nice", "--adjustment", str(NICE)) if is_preferred else ()
    how = f" at nice {NICE}" if is_preferred else ""
    if len(allowed) == 1:
        return Places(nice, (), None, f"all on the one CPU that there is, the server{how or ' as all others'}")
    server, clients = allowed[0], allowed[1]
    pinned = (*nice, "taskset", "--cpu-list", str(server))
    about = f"the server on CPU {server}{how}, all clients on CPU {clients}"
    return Places(pinned, ("taskset", "--cpu-list", str(clients)), clients, about)


def may_be_preferred() -> bool:
    tried = subprocess.run(["nice", "--adjustment", str(NICE), "true"], capture_output=True, text=True, check=False)
    return tried.returncode == 0 and not tried.stderr


@contextmanager
def preferred_session(wanted: bool) -> Iterator[None]:
    """This session's programs come before those of others, where that can be said."""
    before = None
    if wanted:
        with suppress(OSError):
            before = AUTOGROUP.read_text().split()[-1]
            AUTOGROUP.write_text(str(NICE))
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):
                AUTOGROUP.write_text(before)


def allow_descriptors() -> None:
    """For thousands of connections, of attackers and servers: all inherit it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
