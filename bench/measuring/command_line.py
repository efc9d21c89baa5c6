"""What the command lines of all sub-commands share."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from measuring.load.bounded_run import LoadError
from measuring.servers import ServerError
from measuring.servers.postgres import PostgresError

DEFAULT_BUILD_DIR = Path(__file__).resolve().parents[2] / "build" / "release-portable"


class Parser(argparse.ArgumentParser):
    """With the options of all sub-commands."""

    def __init__(self, description: str | None) -> None:
        super().__init__(description=description)
        default = DEFAULT_BUILD_DIR
        self.add_argument(
            "--build-dir", type=Path, default=default, metavar="DIR", help="default build/release-portable"
        )
        self.add_argument("--port", type=int, default=0, help="of the servers (default 0: the kernel chooses)")

    def number(self, flag: str, default: int | None, text: str) -> None:
        """An option that takes a positive number."""
        told = text if default is None else f"{text} (default {default})".lstrip()
        self.add_argument(flag, type=positive, default=default, metavar="N", help=told)

    def names(
        self, flag: str, choices: Iterable[str], metavar: str = "NAME", text: str = "of", count: str = "+"
    ) -> None:
        """An option that takes some of these names."""
        told = f"{text} {' '.join(choices)}"
        self.add_argument(flag, nargs=count, choices=list(choices), metavar=metavar, help=told)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def run(main: Callable[[], int]) -> None:
    """Ends the process: 0 on success, 1 after a failure, an invalid figure or one over its limit."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # exits cleanly, so that servers are stopped
    try:
        sys.exit(main())
    except (ServerError, LoadError, PostgresError) as error:
        sys.exit(f"{sys.argv[0]}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
