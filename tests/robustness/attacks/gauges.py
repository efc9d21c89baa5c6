"""Memory of a server and of the kernel's connections."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measuring.counting import memory

PAGE = os.sysconf("SC_PAGESIZE")
BETWEEN_READINGS = 0.1  # seconds


def own_bytes(pid: int) -> int | None:
    """Pss of the server and its children; None if it has ended."""
    try:
        return memory.memory_of(pid)["Pss"]
    except (OSError, IndexError, KeyError, ValueError):
        return None


def kernel_bytes() -> int:
    """Of all TCP connections of the machine, both ends, from /proc/net/sockstat."""
    found = re.search(r"TCP: .* mem (\d+)", Path("/proc/net/sockstat").read_text())
    return int(found[1]) * PAGE if found else 0


def sockets(pid: int) -> int | None:
    try:
        return memory.sockets_of(pid)
    except OSError:
        return None


@dataclass
class Peaks:
    """Most bytes during an attack, and those at its end, all above what there was before."""

    own: int = 0
    kernel: int = 0
    kernel_at_end: int = 0


class Gauge:
    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._own_before = own_bytes(pid) or 0
        self._kernel_before = kernel_bytes()
        self.peaks = Peaks()

    def own(self) -> int | None:
        """Above what there was before."""
        now = own_bytes(self._pid)
        return None if now is None else now - self._own_before

    def kernel(self) -> int:
        return kernel_bytes() - self._kernel_before

    def watch(self, seconds: float, alive: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and alive():
            self.peaks.own = max(self.peaks.own, self.own() or 0)
            self.peaks.kernel_at_end = self.kernel()
            self.peaks.kernel = max(self.peaks.kernel, self.peaks.kernel_at_end)
            time.sleep(BETWEEN_READINGS)

    def settled(self, most_own: int, most_kernel: int, patience: float) -> tuple[int | None, int]:
        """Own and kernel bytes once they are few enough, or after `patience` seconds."""
        end = time.monotonic() + patience
        while True:
            own, kernel = self.own(), self.kernel()
            if ((own or 0) <= most_own and kernel <= most_kernel) or time.monotonic() > end:
                return own, kernel
            time.sleep(BETWEEN_READINGS)
