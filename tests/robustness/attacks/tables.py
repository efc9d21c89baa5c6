"""The table, as it is printed and as it is in README.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attacks.bout import Outcome
from attacks.rows import Row
from attacks.settings import MIB

BEGIN = "<!-- attack: the table -->"
END = "<!-- attack: the end of the table -->"
HEADINGS = (
    "attack",
    "server",
    "kept: served",
    "p99 ms",
    "max ms",
    "new: served",
    "p99 ms",
    "sent MiB",
    "own MiB",
    "kernel MiB",
    "kept MiB",
    "held",
    "faults",
)
WIDTHS = (26, 8, 12, 8, 8, 11, 8, 9, 14, 11, 9, 6, 0)


@dataclass(frozen=True)
class Line:
    row: Row
    server: str
    outcome: Outcome | None  # None: the server cannot
    faults: tuple[str, ...]
    most_own_bytes: int | None = None  # if it is judged by that

    def cells(self) -> tuple[str, ...]:
        if self.outcome is None:
            return (self.row.name, self.server, *("-" for _ in HEADINGS[2:-1]), "; ".join(self.faults))
        kept, new, peaks = self.outcome.kept, self.outcome.new, self.outcome.peaks
        own_kept, tally = self.outcome.own_kept, self.outcome.tally
        return (
            self.row.name,
            self.server,
            f"{kept.served}/{kept.due}",
            f"{kept.milliseconds(0.99):.1f}",
            f"{kept.milliseconds(1.0):.0f}",
            f"{new.served}/{new.due}",
            f"{new.milliseconds(0.99):.1f}",
            "-" if self.row.tool else f"{tally.sent / MIB:.1f}",
            f"{peaks.own / MIB:.1f}" + (f" of {self.most_own_bytes / MIB:.1f}" if self.most_own_bytes else ""),
            f"{peaks.kernel / MIB:.1f}",
            "-" if own_kept is None else f"{own_kept / MIB:.1f}",
            "-" if self.row.tool else str(tally.held),
            "; ".join(self.faults) or "none",
        )


def printed(cells: Sequence[str]) -> str:
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def markdown(lines: Sequence[Line], notes: Sequence[str]) -> str:
    ruler = "|".join("---" if number in (0, 1, len(HEADINGS) - 1) else "---:" for number in range(len(HEADINGS)))
    table = [f"| {' | '.join(HEADINGS)} |", f"|{ruler}|"]
    table += [f"| {' | '.join(line.cells())} |" for line in lines]
    return "\n".join([*table, "", *(f"{note}\n" for note in notes)])


def write_into(file: Path, text: str) -> None:
    before, begin, rest = file.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{file} has no place for the table: {BEGIN} and {END}")
    file.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
