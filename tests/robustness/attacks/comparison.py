"""What is said below the table: how it was made, and where another server does better than chopin."""

import platform
from argparse import Namespace
from collections.abc import Sequence

from attacks import cgroups, contestants, verdicts
from attacks.bout import Outcome
from attacks.places import Places
from attacks.settings import MIB
from attacks.tables import Line

RIVAL = "nginx"  # whose rows are to be matched
NOISE = 1.5  # times: two runs of the same differ as much


def versions(options: Namespace) -> str:
    return ", ".join(f"{name} {contestants.version(name, options.chopin)}" for name in options.server)


def circumstances(programs: str, places: Places, lines: Sequence[Line]) -> str:
    limits = "Limits of memory are those of control groups."
    if not cgroups.can_limit():
        limits = "No control group can be written: limits of memory are judged by Pss, with half as --max-memory."
    preferred = all(line.outcome.kept.is_preferred for line in lines if line.outcome is not None)
    healthy = "before all others (SCHED_FIFO)" if preferred else "like all others, which may delay them"
    where = f"{places.about}, the healthy ones {healthy}"
    return f"{programs}; Linux {platform.release()}; {where}. {limits}"


def where_another_is_better(lines: Sequence[Line]) -> list[str]:
    """By row, in words; empty if none is, or nginx was not asked."""
    outcomes = {(line.row.name, line.server): line.outcome for line in lines}
    found = []
    for name in dict.fromkeys(line.row.name for line in lines):
        ours, theirs = outcomes.get((name, "chopin")), outcomes.get((name, RIVAL))
        if ours is not None and theirs is not None and (better := _better(ours, theirs)):
            found.append(f"{name} ({', '.join(better)})")
    return [f"Rows where {RIVAL} does better than chopin: {'; '.join(found)}."] if found else []


def _better(ours: Outcome, theirs: Outcome) -> list[str]:
    found = []
    if _share(ours) < _share(theirs):
        found.append("requests served")
    our_p99, their_p99 = (outcome.kept.milliseconds(0.99) for outcome in (ours, theirs))
    if our_p99 > max(verdicts.FASTEST_LIMIT, NOISE * their_p99):
        found.append("p99")
    if ours.peaks.own > max(verdicts.FIRST_TOUCHED, NOISE * theirs.peaks.own):
        found.append(f"{ours.peaks.own / MIB:.0f} MiB for {theirs.peaks.own / MIB:.0f}")
    if ours.end and not theirs.end:
        found.append("it lives")
    return found


def _share(outcome: Outcome) -> float:
    return (outcome.kept.served + outcome.new.served) / max(1, outcome.kept.due + outcome.new.due)
