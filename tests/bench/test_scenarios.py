"""What a run plans to do."""

import dataclasses
import tempfile
import unittest
from pathlib import Path

from measuring import servers
from measuring.load.bounded_run import Availability
from measuring.report import figures
from measuring.report.results import ScenarioResult
from measuring.scenarios import agenda
from measuring.scenarios.agenda import Settings, Task
from measuring.scenarios.builds import VARIANTS
from measuring.scenarios.catalogue import BY_NAME, RATE, SCENARIOS
from measuring.scenarios.field import Field
from measuring.scenarios.plan import Extent, Scenario
from measuring.servers import CHOPIN, FLOOR
from samples import row, sample

FULL = Extent(quick=False, cores=2, descriptors=None)
QUICK = dataclasses.replace(FULL, quick=True)
QUICK_SETTINGS = Settings(quick=True, rounds=None, seconds=1, settle=1)
GENERATORS = [Availability(name, "1", None) for name in ("wrk", "chopin_load", "oha", "bombardier", "h2load")]
PEERS = ("nginx", "h2o", "hyper", "actix-web", "chopin-core-0.3", "chopin-core-0.5", "fasthttp")
CHECKING = "axum-json"  # it takes products and nothing else
QUICK_LIMIT_SECONDS = 150  # of the 180 that are promised; the rest is for slow starters and plots


class Planning(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.builds = Path(folder.name)
        self.build("release-portable")

    def build(self, name: str) -> None:
        for program in ("chopin", "bench/chopin_floor", "bench/chopin_arena", "bench/chopin_typed"):
            path = self.builds / name / program
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def draw_up(
        self,
        *names: str,
        extent: Extent = FULL,
        generators: list[Availability] = GENERATORS,
        settings: Settings = QUICK_SETTINGS,
    ) -> list[Task]:
        field = Field(self.builds / "release-portable", 0, self.peers)
        chosen = [BY_NAME[name] for name in names] or list(SCENARIOS)
        return agenda.draw_up(chosen, field, extent, settings, generators)

    @staticmethod
    def peers(workers: int) -> list[servers.Program]:
        routes = {"hyper": servers.HELLO_ROUTES + servers.SUM_ROUTES, CHECKING: servers.PRODUCT_ROUTES}
        return [
            servers.Program(name, (name, str(workers)), routes.get(name, servers.HELLO_ROUTES))
            for name in (*PEERS, CHECKING)
        ]

    def skips_of(self, task: Task) -> dict[str, str]:
        return {skip.what: skip.reason for skip in task.plan.skips}


class Quick(Planning):
    def test_it_takes_less_than_three_minutes_with_every_peer(self) -> None:
        names = [scenario.name for scenario in SCENARIOS if scenario.quick_rounds]
        tasks = self.draw_up(*names, extent=QUICK)
        self.assertLess(agenda.seconds_of(tasks, QUICK_SETTINGS), QUICK_LIMIT_SECONDS)

    def test_a_scenario_that_is_not_in_it_can_be_asked_for_and_has_a_round(self) -> None:
        self.assertEqual(BY_NAME["browser"].quick_rounds, 0)
        self.assertEqual(self.draw_up("browser", extent=QUICK)[0].rounds, 1)


class Rows(Planning):
    def test_every_peer_is_asked_for_plaintext_and_json(self) -> None:
        for name in ("plaintext", "json"):
            with self.subTest(name):
                asked = {entry.contender.name for entry in self.draw_up(name)[0].plan.entries}
                self.assertLessEqual({CHOPIN, *PEERS}, asked)

    def test_the_floor_is_not_asked_for_what_it_does_not_have(self) -> None:
        for name in ("json", "new-connections", "ten-requests", "memory"):
            with self.subTest(name):
                asked = {entry.contender.name for entry in self.draw_up(name)[0].plan.entries}
                self.assertNotIn(FLOOR, asked)

    def test_the_reference_of_the_ratios_is_measured(self) -> None:
        for variant in VARIANTS.values():
            self.build(variant.folder)
        for task in self.draw_up(extent=dataclasses.replace(FULL, cores=4)):
            with self.subTest(task.scenario.name):
                self.assertIn(task.scenario.reference, [entry.contender.name for entry in task.plan.entries])

    def test_no_two_rows_of_a_label_have_the_same_server(self) -> None:
        for task in self.draw_up():
            with self.subTest(task.scenario.name):
                rows = [(entry.label, entry.contender.name) for entry in task.plan.entries]
                self.assertEqual(len(rows), len(set(rows)))

    def test_no_two_figures_share_a_file(self) -> None:
        for task in self.draw_up(extent=dataclasses.replace(FULL, cores=4)):
            if not task.scenario.is_memory:
                with self.subTest(task.scenario.name):
                    stems = [figure.stem for figure in figures.figures_of(_as_measured(task))]
                    self.assertEqual(len(stems), len(set(stems)))

    def test_every_peer_is_asked_at_the_rate_of_the_scenario_or_of_the_caller(self) -> None:
        for extent, rate in ((FULL, RATE), (dataclasses.replace(FULL, rate=500), 500)):
            with self.subTest(rate=rate):
                entries = self.draw_up("rate", extent=extent)[0].plan.entries
                self.assertLessEqual({CHOPIN, FLOOR, *PEERS}, {entry.contender.name for entry in entries})
                self.assertEqual({(entry.work.rate, entry.work.connections) for entry in entries}, {(rate, 1024)})

    def test_sums_are_asked_for_in_turn_on_kept_and_on_reset_connections(self) -> None:
        task = self.draw_up("arena-baseline")[0]
        for entry in task.plan.entries:
            self.assertEqual(entry.work.requests, ("sum", "sum-post", "sum-post-chunked"))
        kinds = {(entry.work.connections, entry.work.resets_after) for entry in task.plan.entries}
        self.assertEqual(kinds, {(64, None), (64, 10), (512, None), (512, 10)})

    def test_sums_are_asked_of_peers_that_add_and_the_others_are_skipped(self) -> None:
        task = self.draw_up("arena-baseline")[0]
        asked = {entry.contender.name for entry in task.plan.entries}
        self.assertEqual(asked, {CHOPIN, FLOOR, "hyper"})
        self.assertEqual(self.skips_of(task)["nginx"], "it has no /baseline11")
        self.assertNotIn("hyper", self.skips_of(task))

    def test_products_are_asked_of_those_that_check_them_who_are_asked_for_nothing_else(self) -> None:
        for task in self.draw_up(extent=dataclasses.replace(FULL, cores=4)):
            asked = {entry.contender.name for entry in task.plan.entries}
            with self.subTest(task.scenario.name):
                if task.scenario.name == "typed":
                    self.assertEqual(asked, {CHOPIN, CHECKING})
                    self.assertEqual({entry.work.path for entry in task.plan.entries}, {"/products"})
                else:
                    self.assertNotIn(CHECKING, asked)

    def test_a_rate_of_the_caller_needs_no_ceiling(self) -> None:
        entries = self.draw_up("latency", extent=dataclasses.replace(FULL, rate=500))[0].plan.entries
        self.assertEqual({(entry.work.rate, entry.work.share) for entry in entries}, {(500, None)})

    def test_an_open_loop_has_a_closed_one_before_it_for_its_ceiling(self) -> None:
        entries = self.draw_up("latency")[0].plan.entries
        ceilings = {(entry.contender.name, entry.generator) for entry in entries if entry.work.share is None}
        for entry in entries:
            self.assertIn((entry.contender.name, entry.generator), ceilings)


class Skips(Planning):
    def test_a_missing_generator_is_skipped_once_with_its_reason(self) -> None:
        missing = [
            Availability("chopin_load", None, "not built"),
            *(one for one in GENERATORS if one.name != "chopin_load"),
        ]
        for name in ("latency", "rate", "generators"):
            with self.subTest(name):
                task = self.draw_up(name, generators=missing)[0]
                self.assertEqual([skip.what for skip in task.plan.skips].count("chopin_load"), 1)
                self.assertNotIn("chopin_load", {entry.generator for entry in task.plan.entries})

    def test_more_connections_than_descriptors_are_skipped(self) -> None:
        task = self.draw_up("connections", extent=dataclasses.replace(FULL, descriptors=4096 + 100))[0]
        self.assertEqual(max(entry.work.connections for entry in task.plan.entries), 4096)
        self.assertIn("4196", self.skips_of(task)["10,000 connections"])
        task = self.draw_up("connections", extent=dataclasses.replace(FULL, descriptors=4096 + 99))[0]
        self.assertEqual(max(entry.work.connections for entry in task.plan.entries), 1024)

    def test_scaling_needs_four_cores(self) -> None:
        task = self.draw_up("cores", extent=dataclasses.replace(FULL, cores=3))[0]
        self.assertEqual(task.plan.entries, [])
        self.assertIn("here: 3", self.skips_of(task)["all rows"])

    def test_the_load_generator_has_no_fewer_cores_than_the_server(self) -> None:
        entries = self.draw_up("cores", extent=dataclasses.replace(FULL, cores=12))[0].plan.entries
        self.assertEqual(sorted({entry.server_cpus for entry in entries}), [1, 2, 4, 6])
        for entry in entries:
            self.assertEqual(entry.server_cpus + entry.client_cpus, 12)
            self.assertGreaterEqual(entry.client_cpus, entry.server_cpus)

    def test_a_build_that_is_missing_leaves_nothing_to_compare(self) -> None:
        task = self.draw_up("native")[0]
        self.assertEqual(task.plan.entries, [])
        self.assertIn("--build-variants", self.skips_of(task)["native"])

    def test_a_build_that_is_there_is_compared(self) -> None:
        self.build("release")
        names = {entry.contender.name for entry in self.draw_up("native")[0].plan.entries}
        self.assertEqual(names, {"portable", "native"})


def _as_measured(task: Task) -> ScenarioResult:
    scenario: Scenario = task.scenario
    rows = [
        row(
            entry.contender.name,
            sample(entry.contender.name, latencies={"p50": 0.001}),
            label=entry.label,
            at=entry.at,
            curve=entry.curve,
            share=entry.work.share,
            rate=entry.work.rate,
        )
        for entry in task.plan.entries
    ]
    return ScenarioResult(
        scenario.name, scenario.title, scenario.question, scenario.reference, scenario.axis, 1, rows=rows
    )


if __name__ == "__main__":
    unittest.main()
