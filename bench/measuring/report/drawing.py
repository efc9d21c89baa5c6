"""Draws the figures with a Python that has matplotlib. What plots and page share is here too."""

import subprocess
import sys
from pathlib import Path

FOLDER = "plots"
INK = "#1c2733"  # replaced in the page by the colours of its theme, so nothing else may have this colour
RULE = "#d5dbe1"  # and this

BENCH = Path(__file__).resolve().parents[2]
DEBIANS_PYTHON = "/usr/bin/python3"  # its packages are not visible to another Python in the search path
INSTALL = "cmake/bootstrap install report"
SECONDS = 300


def draw(folder: Path) -> str | None:
    """Returns the reason if there are no plots."""
    python = next((python for python in (sys.executable, DEBIANS_PYTHON) if _has_matplotlib(python)), None)
    if python is None:
        return f"matplotlib is not installed: {INSTALL}, then bench/run servers --render {folder}"
    command = [python, "-B", "-m", "measuring.report.plots", str(folder.resolve())]
    try:
        done = subprocess.run(command, cwd=BENCH, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"drawing took more than {SECONDS} s"
    return None if done.returncode == 0 else f"drawing failed: {done.stderr.strip().splitlines()[-1]}"


def _has_matplotlib(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", "import matplotlib"], capture_output=True).returncode == 0
    except OSError:
        return False
