"""Counts the user instructions that each byte of hostile input costs, at two sizes. Fails if a kind of input costs too
much, or grows faster than its size."""

import json
from pathlib import Path

from measuring.command_line import Parser
from measuring.counting.byte_costs import FREE, LIMIT, MOST_GROWTH, Result, measure
from measuring.counting.inputs import KINDS
from measuring.progress import Progress

KIND_SECONDS = 8  # roughly: the first estimate of the progress
TITLES = ("requests", "bytes", "instructions", "a request", "a byte", "beyond free", "when doubled")


def print_line(name: str, figures: tuple[str, ...], faults: list[str]) -> None:
    print(" ".join((f"{name:<24}", *(f"{figure:>13}" for figure in figures), *faults)), flush=True)


def print_result(name: str, result: Result) -> None:
    sent = result.first
    counts = (sent.requests, sent.size, sent.instructions, round(sent.instructions / sent.requests))
    shares = (f"{sent.per_byte:.1f}", f"{sent.beyond_free:.1f}", f"{result.growth:.2f}")
    print_line(name, (*(f"{count:,}" for count in counts), *shares), result.faults)


def main() -> int:
    parser = Parser(__doc__)
    parser.names("--only", KINDS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    names = options.only or list(KINDS)
    progress = Progress(len(names), KIND_SECONDS)
    print_line("", TITLES, [])
    results = {}
    for name in names:
        progress.step(name)
        results[name] = measure(KINDS[name], options.build_dir, options.port)
        print_result(name, results[name])
    progress.finish()
    print(f"free: {FREE:,} a request and a piece; limit: {LIMIT} a byte beyond, x{MOST_GROWTH} when doubled")
    if options.json is not None:
        parts = {name: {"first": vars(one.first), "second": vars(one.second)} for name, one in results.items()}
        options.json.write_text(json.dumps(parts, indent=2) + "\n")
    return 1 if any(result.faults for result in results.values()) else 0
