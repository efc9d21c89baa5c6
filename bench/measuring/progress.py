"""Reports the progress of a command on stderr."""

import sys
import time


def tell(text: str, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)


class Progress:
    """On a terminal one line that is rewritten, otherwise one line per step."""

    def __init__(self, steps: int, seconds_per_step: float) -> None:
        self._steps = steps
        self._done = 0
        self._expected = seconds_per_step
        self._started = time.monotonic()
        self._on_terminal = sys.stderr.isatty()

    def step(self, text: str) -> None:
        """A step begins."""
        each = (time.monotonic() - self._started) / self._done if self._done else self._expected
        left = each * (self._steps - self._done)
        self._done += 1
        line = f"[{self._done}/{self._steps}] {left:.0f} s left: {text}"
        tell(f"\r\x1b[K{line}" if self._on_terminal else line, end="" if self._on_terminal else "\n")

    def finish(self) -> None:
        if self._on_terminal:
            tell("\r\x1b[K", end="")
