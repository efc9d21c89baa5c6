"""Draws the figures as SVG and PNG: python3 -m measuring.report.plots DIR. A separate program, because the Python with
matplotlib need not be the one that measures."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot, ticker
from matplotlib.axes import Axes

from measuring.report import figures, results
from measuring.report.drawing import FOLDER, INK, RULE
from measuring.report.figures import SYSTEM, USER, Bar, Bars, Line, Lines
from measuring.servers import FLOOR

OURS = {"": "#d55e00", USER: "#b34700", SYSTEM: "#f0a070"}
OTHERS = {"": "#8c99a6", USER: "#5b6b7c", SYSTEM: "#aeb8c2"}
OUR_LINE = OURS[""]
Style = tuple[str, str, str]  # colour, marker, dashes

# Okabe and Ito's colours, which are safe for colour-blind readers; markers help if there are not enough.
LINES: tuple[Style, ...] = (
    ("#0072b2", "s", "-"),
    ("#009e73", "^", "-"),
    ("#cc79a7", "D", "-"),
    ("#56b4e9", "v", "-"),
    ("#e69f00", "P", "-"),
    ("#0072b2", "x", "--"),
    ("#009e73", "1", "--"),
    ("#cc79a7", "*", "--"),
    ("#56b4e9", "h", "--"),
)
WIDTH = 5.4  # inches
BAR_HEIGHT = 0.34
PNG_DOTS_PER_INCH = 160


def draw(figure: figures.Figure, folder: Path) -> None:
    matplotlib.rcParams["svg.hashsalt"] = figure.stem  # ids that are unique in a page and reproducible
    canvas = _bars(figure) if isinstance(figure, Bars) else _lines(figure)
    canvas.savefig(folder / f"{figure.stem}.svg", transparent=True, metadata={"Date": None})
    canvas.savefig(folder / f"{figure.stem}.png", dpi=PNG_DOTS_PER_INCH, facecolor="white")
    pyplot.close(canvas)


def _bars(figure: Bars) -> pyplot.Figure:
    canvas, axes = pyplot.subplots(figsize=(WIDTH, 1.15 + BAR_HEIGHT * len(figure.bars)))
    for place, bar in enumerate(reversed(figure.bars)):
        _bar(axes, place, bar)
    axes.set_yticks(range(len(figure.bars)), [bar.name for bar in reversed(figure.bars)])
    for label, bar in zip(axes.get_yticklabels(), reversed(figure.bars), strict=True):
        label.set_fontweight("bold" if bar.is_ours else "normal")
    longest = max(bar.spread[1] for bar in figure.bars)
    axes.set_ylim(-0.6, len(figure.bars) - 0.4)
    axes.set_xlim(0, 1.22 * max(longest, figure.mark or 0.0))
    if figure.mark is not None:
        axes.axvline(figure.mark, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.xaxis.set_major_locator(ticker.MaxNLocator(5))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(_short))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.tick_params(axis="y", length=0)
    _finish(axes, figure.title, figure.axis)
    if len(figure.bars[0].parts) > 1:
        _explain_parts(axes)
    return canvas


def _bar(axes: Axes, place: int, bar: Bar) -> None:
    colours = OURS if bar.is_ours else OTHERS
    left = 0.0
    for part, length in bar.parts:
        axes.barh(place, length, left=left, height=0.66, color=colours[part], zorder=2)
        left += length
    least, greatest = bar.spread
    axes.plot((least, greatest), (place, place), color=INK, linewidth=1.2, marker="|", markersize=5, zorder=3)
    axes.annotate(
        _figure(bar.length),
        (max(left, greatest), place),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontweight="bold" if bar.is_ours else "normal",
    )


def _explain_parts(axes: Axes) -> None:
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=OTHERS[part]) for part in (USER, SYSTEM)]
    place = {"loc": "upper right", "bbox_to_anchor": (1, 0), "borderaxespad": 2}
    axes.legend(handles, (USER, SYSTEM), ncols=2, frameon=False, **place)


def _lines(figure: Lines) -> pyplot.Figure:
    canvas, axes = pyplot.subplots(figsize=(WIDTH, 3.9))
    styles = iter(LINES)
    for line in figure.lines:
        colour, marker, dashes = _style(line, styles)
        axes.plot(
            [_place(figure, x) for x, _ in line.points],
            [y for _, y in line.points],
            color=colour,
            marker=marker,
            linestyle=dashes,
            linewidth=2.6 if line.is_ours else 1.4,
            markersize=5,
            label=line.name,
            zorder=4 if line.is_ours else 3,
        )
    axes.set_xticks([_place(figure, x) for x, _ in figure.ticks], [text for _, text in figure.ticks])
    if len(figure.ticks) > 7:
        pyplot.setp(axes.get_xticklabels(), rotation=35, ha="right", rotation_mode="anchor")
    if figure.has_logarithmic_y:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_formatter(ticker.NullFormatter())
    else:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(_short))
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_ylabel(figure.y_axis)
    _finish(axes, figure.title, figure.x_axis)
    columns = min(4, len(figure.lines))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=columns, frameon=False)
    return canvas


def _style(line: Line, styles: Iterator[Style]) -> Style:
    if line.is_ours:
        return OUR_LINE, "o", "-"
    if line.name == FLOOR:
        return INK, ".", ":"
    return next(styles)


def _place(figure: Lines, x: float) -> float:
    """A logarithmic place if the values double from tick to tick."""
    return math.log2(x) if figure.doubles else x


def _finish(axes: Axes, title: str, x_axis: str) -> None:
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(x_axis, loc="left")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(axis="x", color=RULE)


def _short(figure: float, _place: int) -> str:
    """For an axis: 250k."""
    if figure >= 1e6:
        return f"{figure / 1e6:g}M"
    return f"{figure / 1e3:g}k" if figure >= 1e3 else f"{figure:g}"


def _figure(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def main() -> None:
    folder = Path(sys.argv[1])
    settings: dict[str, Any] = {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
    settings |= {"axes.titlesize": 10, "figure.constrained_layout.use": True}
    coloured = ("text.", "axes.label", "xtick.label", "ytick.label", "axes.edge")
    matplotlib.rcParams.update({**settings, **{f"{part}color": INK for part in coloured}})
    (folder / FOLDER).mkdir(exist_ok=True)
    for figure in figures.all_of(results.read(folder / results.FILE)):
        draw(figure, folder / FOLDER)


if __name__ == "__main__":
    main()
