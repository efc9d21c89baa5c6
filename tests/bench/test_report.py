"""The page and the figures in it."""

import re
import unittest
from pathlib import Path
from unittest import mock

import samples
from measuring.counting.memory import Held
from measuring.report import drawing, figures, verdicts
from measuring.report import page as report_page
from measuring.report.figures import Bars, Lines
from measuring.report.results import Row, ScenarioResult, Skipped
from samples import row, sample, scenario

HOSTILE = "<script>alert('&')</script>"


def page(*scenarios: ScenarioResult, plots_missing: str | None = None, **facts: object) -> str:
    results = samples.results(*scenarios)
    results.facts.update(facts)
    return report_page.page(results, lambda stem: f"<svg>{stem}</svg>", plots_missing)


def rows_of_class(text: str, kind: str) -> list[str]:
    return [found[0] for found in re.finditer(r'<tr class="([^"]*)">.*?</tr>', text) if kind in found[1].split()]


class Page(unittest.TestCase):
    def test_text_from_outside_is_escaped(self) -> None:
        bad = row(HOSTILE, sample("x", errors=(HOSTILE,)), label=HOSTILE, answer_head=HOSTILE, path=HOSTILE)
        measured = scenario(bad, memory=(Held(HOSTILE, failure=HOSTILE),), axis="n")
        measured.skipped = [Skipped(HOSTILE, HOSTILE)]
        facts = {"cpu": HOSTILE, "mitigations": {HOSTILE: HOSTILE}, "doctor": {"reason": HOSTILE}}
        text = page(measured, plots_missing=HOSTILE, **facts)
        self.assertNotIn("<script", text)
        self.assertIn("&lt;script&gt;", text)

    def test_a_row_with_errors_is_marked_invalid_and_says_why(self) -> None:
        text = page(scenario(row("nginx", sample("nginx", errors=("timeout 9",))), row("h2o", sample("h2o"))))
        invalid = rows_of_class(text, "invalid")
        self.assertEqual(len(invalid), 2)
        self.assertIn("nginx", invalid[0])
        self.assertIn("INVALID: timeout 9", invalid[1])

    def test_a_row_that_was_never_measured_says_why(self) -> None:
        text = page(scenario(row("nginx", failure="it died")))
        self.assertIn("INVALID: it died", rows_of_class(text, "invalid")[0])

    def test_valid_rows_are_not_marked(self) -> None:
        self.assertEqual(rows_of_class(page(scenario(row("nginx", sample("nginx")))), "invalid"), [])

    def test_chopin_stands_out(self) -> None:
        text = page(scenario(row("chopin", sample("chopin")), row("nginx", sample("nginx"))))
        self.assertEqual(len(rows_of_class(text, "ours")), 1)

    def test_skipped_servers_are_shown_with_the_reason(self) -> None:
        measured = scenario()
        measured.skipped = [Skipped("native", "release is not built")]
        self.assertIn("native: release is not built", page(measured))

    def test_missing_plots_are_reported(self) -> None:
        self.assertIn("matplotlib is not installed", page(plots_missing="matplotlib is not installed"))

    def test_if_matplotlib_is_missing_the_report_says_how_to_install_it(self) -> None:
        with mock.patch("measuring.report.drawing._has_matplotlib", return_value=False):
            self.assertIn("cmake/bootstrap install report", drawing.draw(Path("somewhere")) or "")

    def test_the_machine_is_reported_row_by_row(self) -> None:
        queue = {"name": "somaxconn", "verdict": "warning", "found": "128", "wanted": HOSTILE}
        files = {"name": "open files", "verdict": "ok", "found": "9", "wanted": "8"}
        more = {"why": "it is cut", "command": "sysctl -w x=1"}
        text = page(doctor={"rows": [{**queue, **more}, {**files, **more}], "warnings": 1})
        self.assertIn("warnings: 1, ok: 1", text)
        self.assertIn("somaxconn, warning: 128; wanted: &lt;script&gt;", text)
        self.assertIn("sysctl -w x=1", text)

    def test_a_rate_that_was_not_held_is_reported(self) -> None:
        slow = row("nginx", sample("nginx", requests=500, latencies={"p50": 0.001}), share=0.5, rate=1000)
        self.assertIn("1,000, not held", page(scenario(slow)))

    def test_latencies_of_closed_loops_are_not_shown(self) -> None:
        ceiling = row("nginx", sample("nginx", latencies={"p50": 0.123456}), label="ceiling")
        at_half = row("nginx", sample("nginx", latencies={"p50": 0.000789}), share=0.5, rate=1000)
        text = page(scenario(ceiling, at_half))
        self.assertIn("0.789", text)
        self.assertNotIn("123.456", text)

    def test_at_a_fixed_rate_mean_maximum_and_lag_are_shown_beside_the_cpu_time(self) -> None:
        measured = sample("nginx", latencies={"mean": 0.000456, "p99": 0.001, "max": 0.007891}, lags={"p99": 0.000012})
        text = page(scenario(row("nginx", measured, rate=1000)))
        for figure in ("0.456", "7.891", "0.012", "500.000"):
            self.assertIn(f">{figure}<", text)

    def test_a_generator_that_was_itself_late_is_reported_and_its_latencies_are_not_drawn(self) -> None:
        def measured(server: str, lag: float) -> Row:
            return row(server, sample(server, latencies={"p99": 0.004}, lags={"p99": lag}), rate=1000)

        late, punctual = measured("nginx", 0.0021), measured("chopin", 0.0019)
        text = page(scenario(late, punctual))
        self.assertIn(">2.100, too late<", text)
        self.assertIn(">1.900<", text)
        lines = figures.figures_of(scenario(late, punctual))[0]
        assert isinstance(lines, Lines)
        self.assertEqual([line.name for line in lines.lines], ["chopin"])

    def test_responses_that_differ_from_chopins_say_how(self) -> None:
        ours = row("chopin", sample("chopin"), answer_head="HTTP/1.1 200 OK\r\nServer: chopin\r\n\r\n")
        other = row("nginx", sample("nginx"), answer_head="HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n")
        self.assertIn("not as chopin: Server: nginx", page(scenario(ours, other)))

    def test_counts_of_instructions_are_shown_with_their_limits(self) -> None:
        rows = {"plain": {"costs": {"instructions": 1234.5}, "requests": 777, "limit": 750}}
        text = page(instructions={"driver": "wrk", "build": {"compiler": "GNU 12"}, "rows": rows})
        self.assertIn("1,234.500", text)
        self.assertIn(">750<", text)

    def test_nothing_is_fetched_from_elsewhere(self) -> None:
        text = page(scenario(row("chopin", sample("chopin")), row("floor", sample("floor"))))
        self.assertIsNone(re.search(r"(src|href)=\"(?!#)|url\(|@import", text))


class Verdicts(unittest.TestCase):
    def words(self, ours: tuple[float, ...], other: tuple[float, ...], floor: tuple[float, ...] = ()) -> str:
        rows = [row("chopin", *(sample("chopin", user=one) for one in ours))]
        rows.append(row("nginx", *(sample("nginx", user=one) for one in other)))
        if floor:
            rows.append(row("floor", *(sample("floor", user=one) for one in floor)))
        (found,) = verdicts.verdicts(samples.results(scenario(*rows)))
        return found.words

    def test_spreads_that_do_not_touch_have_a_winner(self) -> None:
        self.assertEqual(self.words((0.1, 0.2), (0.3, 0.4)), "chopin takes less")
        self.assertEqual(self.words((0.3, 0.4), (0.1, 0.2)), "nginx takes less")

    def test_spreads_that_overlap_are_too_close_to_call(self) -> None:
        self.assertEqual(self.words((0.1, 0.3), (0.2, 0.4)), "too close to call")

    def test_ratios_to_the_floor_decide_where_there_is_one(self) -> None:
        self.assertEqual(self.words((0.1, 0.7), (0.3, 1.7), floor=(0.1, 0.7)), "chopin takes less")

    def test_one_round_decides_nothing(self) -> None:
        self.assertEqual(self.words((0.1,), (0.9,)), "too close: one round")

    def test_where_all_rows_are_chopin_the_reference_stands_for_the_others(self) -> None:
        rows = [row(name, sample(name), sample(name)) for name in ("composed", "prebuilt")]
        measured = scenario(*rows)
        measured.reference = "prebuilt"
        (found,) = verdicts.verdicts(samples.results(measured))
        self.assertEqual((found.ours.server, found.best and found.best.server), ("composed", "prebuilt"))

    def test_they_come_before_the_plots_and_these_before_the_tables(self) -> None:
        rounds = [sample("chopin"), sample("chopin")]
        text = page(scenario(row("chopin", *rounds), row("floor", *rounds)))
        self.assertLess(text.index("a CPU"), text.index("no other server"))
        self.assertLess(text.index("no other server"), text.index("<svg>"))
        self.assertLess(text.index("<svg>"), text.index("CPU us/request"))

    def test_invalid_rows_take_no_part(self) -> None:
        bad = row("nginx", sample("nginx", errors=("timeout 9",)))
        (found,) = verdicts.verdicts(samples.results(scenario(row("chopin", sample("chopin")), bad)))
        self.assertIsNone(found.best)


class Tables(unittest.TestCase):
    def test_a_ratio_is_given_with_its_spread_and_reference(self) -> None:
        rounds = [sample("chopin", user=user) for user in (0.1, 0.2, 0.5)]
        floor = row("floor", *(sample("floor", user=0.1) for _ in rounds))
        text = page(scenario(floor, row("chopin", *rounds)))
        self.assertIn("1.250 (1.000..2.000)", text)
        self.assertEqual(text.count(">reference<"), 1)


class Figures(unittest.TestCase):
    def test_invalid_rows_are_in_no_figure(self) -> None:
        bad = row("nginx", sample("nginx", errors=("timeout 9",)))
        found = figures.figures_of(scenario(row("floor", sample("floor")), row("chopin", sample("chopin")), bad))
        self.assertEqual(len(found), 3)
        for figure in found:
            assert isinstance(figure, Bars)
            self.assertNotIn("nginx", [bar.name for bar in figure.bars])

    def test_bars_of_cpu_time_are_split_and_span_the_rounds(self) -> None:
        rounds = (sample("chopin", user=0.1), sample("chopin", user=0.3), sample("chopin", user=0.2))
        found = figures.figures_of(scenario(row("floor", sample("floor")), row("chopin", *rounds)))
        bars = next(figure for figure in found if figure.stem.endswith("-cpu"))
        assert isinstance(bars, Bars)
        chopin = next(bar for bar in bars.bars if bar.is_ours)
        self.assertEqual([part for part, _ in chopin.parts], ["user", "system"])
        self.assertAlmostEqual(chopin.length, 500.0)
        self.assertAlmostEqual(chopin.spread[0], 400.0)
        self.assertAlmostEqual(chopin.spread[1], 600.0)

    def test_a_curve_has_its_points_in_order(self) -> None:
        rows = [row("chopin", sample("chopin", requests=10 * at), label=str(at), at=at) for at in (16, 1, 4)]
        found = figures.figures_of(scenario(*rows, axis="connections"))
        requests = found[0]
        assert isinstance(requests, Lines)
        self.assertEqual(requests.lines[0].points, ((1, 10), (4, 40), (16, 160)))

    def test_a_rate_that_was_not_held_draws_no_latencies(self) -> None:
        held = row("chopin", sample("chopin", latencies={"p50": 0.001}), share=0.5, rate=1000)
        missed = row("nginx", sample("nginx", latencies={"p50": 1.0}), share=0.5, rate=9000)
        found = figures.figures_of(scenario(held, missed))
        assert isinstance(found[0], Lines)
        self.assertEqual([line.name for line in found[0].lines], ["chopin"])


if __name__ == "__main__":
    unittest.main()
