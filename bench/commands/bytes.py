"""Counts the user instructions that each byte of hostile input costs, at two sizes. Fails if a kind of input costs too
much, or grows faster than its size."""

import argparse
import json
from pathlib import Path

import command_line
from byte_counting import FREE, LIMIT, MOST_GROWTH, Result, measure
from inputs import KINDS
from progress import Progress

KIND_SECONDS = 8  # roughly: the first estimate of the progress
COLUMN = "{:>13}"
TITLES = ("requests", "bytes", "instructions", "a request", "a byte", "beyond free", "when doubled")


def print_result(name: str, result: Result) -> None:
    load = result.first
    figures = (
        f"{load.requests:,}",
        f"{load.size:,}",
        f"{load.instructions:,}",
        f"{load.instructions / load.requests:,.0f}",
        f"{load.per_byte:.1f}",
        f"{load.beyond_free:.1f}",
        f"{result.growth:.2f}",
    )
    print(" ".join((f"{name:<24}", *map(COLUMN.format, figures), *result.faults)), flush=True)


def read_options() -> argparse.Namespace:
    parser = command_line.parser(__doc__)
    parser.add_argument("--only", nargs="+", choices=KINDS, metavar="NAME", help=f"of {' '.join(KINDS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser.parse_args()


def main() -> int:
    options = read_options()
    names = options.only or list(KINDS)
    progress = Progress(len(names), KIND_SECONDS)
    print(" ".join((" " * 24, *map(COLUMN.format, TITLES))))
    results = {}
    for name in names:
        progress.step(name)
        results[name] = measure(KINDS[name], options.build_dir, options.port)
        print_result(name, results[name])
    progress.finish()
    print(f"free: {FREE:,} a request and a piece; limit: {LIMIT} a byte beyond, x{MOST_GROWTH} when doubled")
    if options.json is not None:
        content = {
            name: {"first": vars(result.first), "second": vars(result.second)} for name, result in results.items()
        }
        options.json.write_text(json.dumps(content, indent=2) + "\n")
    return 1 if any(result.faults for result in results.values()) else 0
