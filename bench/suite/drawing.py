"""Draws the figures with a Python that has matplotlib."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
DEBIANS_PYTHON = "/usr/bin/python3"  # its packages are not visible to another Python in the search path
INSTALL = "cmake/bootstrap install report"
SECONDS = 300


def draw(folder: Path) -> str | None:
    """Returns the reason if there are no plots."""
    python = _python_with_matplotlib()
    if python is None:
        return f"matplotlib is not installed: {INSTALL}, then bench/run servers --render {folder}"
    command = [python, "-B", "-m", "suite.plots", str(folder.resolve())]
    try:
        done = subprocess.run(command, cwd=BENCH, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"drawing took more than {SECONDS} s"
    return None if done.returncode == 0 else f"drawing failed: {done.stderr.strip().splitlines()[-1]}"


def _python_with_matplotlib() -> str | None:
    return next((python for python in (sys.executable, DEBIANS_PYTHON) if _has_matplotlib(python)), None)


def _has_matplotlib(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", "import matplotlib"], capture_output=True).returncode == 0
    except OSError:
        return False
