"""Trains a build for profile-guided optimisation."""

import shutil
from collections.abc import Callable
from pathlib import Path

import counting
import servers
from rows import ROWS

SECONDS = 1  # for each row


def train(build_dir: Path, profile: Path, tell: Callable[[str], None]) -> None:
    """Sends chopin all requests that `instructions` counts. Each server adds its counts to `profile` when it ends;
    earlier counts are removed first."""
    shutil.rmtree(profile, ignore_errors=True)
    for name, row in ROWS.items():
        if row.mode is None:
            continue
        tell(f"training with {name}")
        with servers.running(row.program(build_dir, port=0)) as server:
            counting.ask_with_wrk(row, SECONDS, server)
            server.stop()
