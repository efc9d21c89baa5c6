"""Prints instructions and system calls, and how they compare with the baseline."""

from measuring.counting.baseline import TOLERANCE, Baseline, Comparison
from measuring.counting.costs import Figures
from measuring.counting.rows import DIFFERENCES
from measuring.counting.tracers import INSTRUCTIONS, Costs

FEWEST_CALLS = 0.0005  # per request; fewer are noise from the clock


def report_instructions(figures: Figures, limits: dict[str, int]) -> int:
    """Returns the exit code: 1 if a row is over its limit."""
    counts = {name: figure.instructions for name, figure in figures.items()}
    over = 0
    print(f"{'':<38}{'instructions/request':>22}{'least..greatest':>22}{'requests':>12}{'limit':>8}")
    for name, figure in figures.items():
        text = f"{name:<38}{counts[name]:>22,.1f}{figure.spread:>22}{figure.requests:>12,}"
        over += _report_limit(text, counts[name], limits.get(name))
    for difference in DIFFERENCES:
        if difference.row in counts and difference.less in counts:
            count = counts[difference.row] - counts[difference.less]
            over += _report_limit(f"{difference.name:<38}{count:>22,.1f}{'':>34}", count, difference.limit)
    return 1 if over else 0


def _report_limit(text: str, count: float, limit: int | None) -> bool:
    """Whether it is over."""
    over = limit is not None and count > limit
    print(f"{text}{limit or '':>8}{'  OVER' if over else ''}")
    return over


def report_syscalls(figures: Figures) -> None:
    print(f"{'':<28}{'system call':<24}{'calls/request':>14}{'requests':>12}")
    for name, figure in figures.items():
        for call, count in sorted(figure.costs.items(), key=lambda item: -item[1]):
            if count >= FEWEST_CALLS:
                print(f"{name:<28}{call:<24}{count:>14.3f}{figure.requests:>12,}")


def _calls_of(costs: Costs) -> float:
    return sum(figure for cost, figure in costs.items() if cost != INSTRUCTIONS)


def report_beside(then: Baseline, now: Baseline) -> None:
    titles = f"{'instructions/request':>22}{'baseline':>12}{'change':>10}"
    print(f"{'':<28}{titles}{'calls/request':>16}{'baseline':>10}")
    for name, costs in now.rows.items():
        count, calls = costs[INSTRUCTIONS], _calls_of(costs)
        if was := then.rows.get(name):
            change = f"{was[INSTRUCTIONS]:>12,.1f}{count / was[INSTRUCTIONS] - 1:>+10.1%}"
            print(f"{name:<28}{count:>22,.1f}{change}{calls:>16.3f}{_calls_of(was):>10.3f}")
        else:
            print(f"{name:<28}{count:>22,.1f}{'none':>12}{'':>10}{calls:>16.3f}{'none':>10}")


def report_comparison(found: Comparison) -> None:
    for word, changes in (("WORSE", found.worse), ("BETTER", found.better)):
        for change in changes:
            print(f"{'MOVED' if found.build else word:<8}{change}")
    for name in found.unknown:
        print(f"UNKNOWN {name}: not in the baseline")
    for name in found.gone:
        print(f"GONE    {name}: in the baseline, but not measured")
    for difference in found.build:
        print(f"OTHER   {difference}")
    if found.build:
        print("NO VERDICT: counts follow compiler and libraries, and the baseline was taken with others")
        return
    if found.better:
        print("the baseline can be tightened: --write-baseline")
    if found.status == 0:
        print(f"nothing is more than {TOLERANCE:.0%} worse than the baseline")
