"""What the command lines of all benchmarks share."""

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import load
import servers

DEFAULT_BUILD_DIR = Path(__file__).resolve().parent.parent / "build" / "release-portable"


def parser(description: str | None) -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=description)
    result.add_argument(
        "--build-dir",
        type=Path,
        default=DEFAULT_BUILD_DIR,
        metavar="DIR",
        help="default build/release-portable",
    )
    result.add_argument("--port", type=int, default=0, help="of the servers (default 0: the kernel chooses)")
    return result


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
    except (servers.ServerError, load.LoadError) as error:
        sys.exit(f"{sys.argv[0]}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
