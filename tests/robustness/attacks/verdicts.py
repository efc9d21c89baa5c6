"""What an outcome must be."""

from dataclasses import dataclass

from attacks.bout import MOST_KEPT, MOST_KERNEL_KEPT, Outcome
from attacks.rows import Row
from attacks.settings import MIB

FASTEST_LIMIT = 10.0  # ms for p99 of the client that keeps its connection, or
TIMES_CONTROL = 3  # as often p99 of the row without an attack
OVER_BUDGET = 1.05
FIRST_TOUCHED = MIB  # code and tables that a server first uses in an attack


@dataclass(frozen=True)
class Rules:
    """Which of them hold in a run."""

    times: bool
    memory: bool
    control_p99: float  # ms

    @property
    def most_p99(self) -> float:
        return max(FASTEST_LIMIT, TIMES_CONTROL * self.control_p99)


def most_own_bytes(row: Row) -> int:
    most = row.most_own_bytes() + FIRST_TOUCHED
    if row.settings.memory_bytes is not None:
        most = min(most, int(row.settings.memory_bytes * OVER_BUDGET))
    return most if row.cgroup_bytes is None else min(most, row.cgroup_bytes)


def is_too_slow(outcome: Outcome, rules: Rules) -> bool:
    return rules.times and not outcome.kept.milliseconds(0.99) <= rules.most_p99


def other_faults(row: Row, outcome: Outcome, rules: Rules) -> list[str]:
    """Whatever is wrong but the time that it took."""
    found = [f"{outcome.kills} killed by the OOM killer"] if outcome.kills else []
    found += [outcome.end] if outcome.end else []
    found += _of_service(outcome, rules)
    if rules.memory:
        found += _of_memory(row, outcome, rules)
    if outcome.tally.opened < sum(habit.connections for habit in row.habits):
        found.append(f"only {outcome.tally.opened} attackers could connect")
    if outcome.leaked_sockets > 0:
        found.append(f"{outcome.leaked_sockets} sockets left")
    return found


def _of_service(outcome: Outcome, rules: Rules) -> list[str]:
    """Without limits of time what is late is no fault, nor are some refusals: few connections decide."""
    found = []
    for name, figures in (("kept", outcome.kept), ("new", outcome.new)):
        late = 0 if rules.times else figures.lost["too late"]
        least = figures.due if rules.times else figures.due // 2
        if figures.served + late < least:
            why = ", ".join(f"{reason} {count}" for reason, count in figures.lost.most_common(2))
            found.append(f"{figures.due - figures.served} requests of the {name} client lost ({why})")
    return found


def _of_memory(row: Row, outcome: Outcome, rules: Rules) -> list[str]:
    found = []
    most = most_own_bytes(row)
    if outcome.peaks.own > most:
        found.append(f"own memory over {most / MIB:.1f} MiB")
    if outcome.own_kept is not None and outcome.own_kept > MOST_KEPT:
        found.append(f"keeps {outcome.own_kept / MIB:.1f} MiB")
    if row.gives_kernel_memory_back and outcome.peaks.kernel_at_end > MOST_KERNEL_KEPT:
        found.append(f"{outcome.peaks.kernel_at_end / MIB:.0f} MiB still in the kernel")
    elif outcome.kernel_kept > MOST_KERNEL_KEPT:
        found.append(f"{outcome.kernel_kept / MIB:.0f} MiB still in the kernel")
    return found
