"""A memory limit for a server, by a control group of its own: version 1 or 2, whichever can be written."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
REMOVAL_SECONDS = 5


@dataclass(frozen=True)
class Group:
    folder: Path
    version: int

    @property
    def prefix(self) -> tuple[str, ...]:
        """Of a command that is to run in it."""
        return ("sh", "-c", f'echo $$ > {self.folder}/cgroup.procs && exec "$@"', "sh")

    def kills(self) -> int:
        """By the kernel's OOM killer."""
        file = self.folder / ("memory.oom_control" if self.version == 1 else "memory.events")
        for line in file.read_text().splitlines():
            name, count = line.split()
            if name == "oom_kill":
                return int(count)
        return 0

    def limit(self, size: int) -> None:
        (self.folder / ("memory.limit_in_bytes" if self.version == 1 else "memory.max")).write_text(str(size))
        without_swap = self.folder / ("memory.memsw.limit_in_bytes" if self.version == 1 else "memory.swap.max")
        with suppress(OSError):  # not where swap is not counted
            without_swap.write_text(str(size if self.version == 1 else 0))

    def remove(self) -> None:
        """Its processes may take a moment to end."""
        end = time.monotonic() + REMOVAL_SECONDS
        while time.monotonic() < end:
            with suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.05)


def _new() -> Group | None:
    name = f"attack-{os.getpid()}"
    for parent, version in ((MOUNT / "memory", 1), (MOUNT, 2), (_own_parent(), 2)):
        if version == 2 and not (parent / "cgroup.controllers").is_file():
            continue
        group = Group(parent / name, version)
        try:
            if version == 2:
                (parent / "cgroup.subtree_control").write_text("+memory")
            group.folder.mkdir()
        except OSError:
            continue
        if (group.folder / ("memory.limit_in_bytes" if version == 1 else "memory.max")).is_file():
            return group
        group.remove()
    return None


def _own_parent() -> Path:
    """The parent of the group that this process is in, by version 2."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::"):
                return (MOUNT / line[3:].lstrip("/")).parent
    return MOUNT


@contextmanager
def limited_to(size: int | None) -> Iterator[Group | None]:
    """None without a limit, or where no group can be written."""
    group = _new() if size is not None else None
    if group is None or size is None:
        yield None
        return
    try:
        group.limit(size)
        yield group
    finally:
        group.remove()


def can_limit() -> bool:
    group = _new()
    if group is None:
        return False
    group.remove()
    return True
