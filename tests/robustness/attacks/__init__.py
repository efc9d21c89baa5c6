"""Attacks on a server beside healthy clients: see ../attack."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "bench"))  # how servers are started and measured
