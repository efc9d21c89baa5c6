"""What a run stores, and what is computed from it."""

import tempfile
import unittest
from pathlib import Path

import samples
from measuring.counting.memory import Held
from measuring.report import results
from measuring.report.results import Skipped
from samples import row, sample, scenario

MIB = 1024 * 1024


def memory(size: int) -> dict[str, int]:
    return {"Pss": size, "Private": size, "Rss": size}


class Validity(unittest.TestCase):
    def test_a_row_is_valid_when_no_sample_has_an_error(self) -> None:
        self.assertTrue(row("nginx", sample("nginx"), sample("nginx")).is_valid)

    def test_one_error_in_one_round_makes_the_row_invalid(self) -> None:
        self.assertFalse(row("nginx", sample("nginx"), sample("nginx", errors=("timeout 1",))).is_valid)

    def test_a_row_without_samples_is_invalid(self) -> None:
        self.assertFalse(row("nginx").is_valid)

    def test_a_row_that_ended_early_is_invalid(self) -> None:
        self.assertFalse(row("nginx", sample("nginx"), failure="it died").is_valid)

    def test_one_invalid_row_or_memory_row_is_noticed_in_the_whole(self) -> None:
        good = scenario(row("nginx", sample("nginx")))
        bad_memory = scenario(memory=(Held("nginx", failure="it died"),))
        self.assertTrue(samples.results(good).all_valid)
        self.assertFalse(samples.results(good, scenario(row("nginx"))).all_valid)
        self.assertFalse(samples.results(good, bad_memory).all_valid)

    def test_a_rate_is_held_down_to_two_percent_below(self) -> None:
        self.assertTrue(row("nginx", sample("nginx", requests=980), share=0.5, rate=1000).holds_rate)
        self.assertFalse(row("nginx", sample("nginx", requests=979), share=0.5, rate=1000).holds_rate)


class Figures(unittest.TestCase):
    def test_cpu_time_per_request_is_user_and_system_time_of_the_server(self) -> None:
        self.assertAlmostEqual(row("nginx", sample("nginx", requests=1000, user=0.2)).cpu_microseconds, 500.0)

    def test_ratios_are_taken_round_by_round_and_within_a_label(self) -> None:
        chopin = row("chopin", sample("chopin", user=0.3), sample("chopin", user=0.9))
        floor = row("floor", sample("floor", user=0.0), sample("floor", user=0.3))
        other = row("floor", sample("floor", user=99.0), label="16 deep")
        found = scenario(other, floor, chopin).cpu_ratios(chopin)
        self.assertEqual([round(ratio, 6) for ratio in found], [2.0, 2.0])

    def test_there_is_no_ratio_to_an_invalid_row(self) -> None:
        chopin = row("chopin", sample("chopin"))
        floor = row("floor", sample("floor", errors=("timeout 1",)))
        self.assertEqual(scenario(floor, chopin).cpu_ratios(chopin), [])

    def test_latencies_are_the_medians_of_the_rounds(self) -> None:
        rounds = [sample("nginx", latencies={"p50": seconds}) for seconds in (0.1, 0.3, 0.2)]
        self.assertEqual(row("nginx", *rounds).latencies, {"p50": 0.2})

    def test_a_percentile_missing_in_a_round_is_not_reported(self) -> None:
        rounds = (sample("nginx", latencies={"p50": 0.1, "p99": 0.2}), sample("nginx", latencies={"p50": 0.1}))
        self.assertEqual(list(row("nginx", *rounds).latencies), ["p50"])

    def test_the_lag_of_a_generator_is_the_median_of_the_rounds_if_all_know_it(self) -> None:
        rounds = [sample("nginx", lags={"p99": seconds}) for seconds in (0.1, 0.3, 0.2)]
        self.assertEqual(row("nginx", *rounds).lag, 0.2)
        self.assertIsNone(row("nginx", *rounds, sample("nginx")).lag)

    def test_memory_of_a_connection_is_the_growth_by_the_number(self) -> None:
        held = Held("nginx", {0: memory(MIB), 1000: memory(MIB + 520_000)})
        self.assertEqual(held.bytes_per_connection(1000), 520)


class Keeping(unittest.TestCase):
    def test_what_was_written_is_read_again(self) -> None:
        measured = scenario(
            row("chopin", sample("chopin", errors=("one",), latencies={"p50": 0.1}), at=64, share=0.5, rate=9),
            memory=(Held("nginx", {0: memory(1), 1000: memory(2)}, memory(1)),),
        )
        measured.skipped = [Skipped("h2o", "it is not here")]
        written = samples.results(measured)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / results.FILE
            results.write(written, path)
            self.assertEqual(results.read(path), written)


if __name__ == "__main__":
    unittest.main()
