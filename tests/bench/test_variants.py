"""How chopin is built in the ways that are compared."""

import tempfile
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from measuring import servers
from measuring.counting.rows import ROWS
from measuring.load.bounded_run import Load, LoadError
from measuring.load.workload import Workload
from measuring.load.wrk import WRK
from measuring.scenarios import builds
from measuring.scenarios.builds import BY_FOLDER, TRAINING, Variant

PGO = "release-pgo"


class Building(unittest.TestCase):
    def setUp(self) -> None:
        self.builds = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(builds, "BUILD", self.builds))
        self.enterContext(mock.patch.object(builds, "_run", self.run_command))
        self.train = self.enterContext(mock.patch.object(builds, "train", side_effect=self.trained))
        self.steps: list[str] = []

    def run_command(self, variant: Variant, command: list[str]) -> None:
        what = "build" if "--build" in command else "configure"
        anew = " anew" if "--clean-first" in command else ""
        self.steps.append(f"{what} {variant.folder}{anew}")

    def trained(self, *_: object) -> None:
        self.steps.append("train")

    def build(self, *folders: str) -> list[str]:
        return builds.build(folders, lambda text: None)

    def there_is(self, folder: str) -> None:
        (self.builds / folder).mkdir()
        (self.builds / folder / "chopin").touch()

    def test_a_profile_is_taken_before_it_is_used_and_no_object_outlives_it(self) -> None:
        self.assertEqual(self.build(PGO), [])
        self.assertEqual(
            self.steps,
            [
                "configure pgo-training",
                "build pgo-training",
                "train",
                "configure release-pgo",
                "build release-pgo anew",
            ],
        )

    def test_without_a_profile_nothing_is_built_with_it_and_the_reason_is_reported(self) -> None:
        self.train.side_effect = LoadError("wrk cannot be run")
        self.assertEqual(self.build(PGO), ["wrk cannot be run"])
        self.assertNotIn("build release-pgo anew", self.steps)

    def test_an_existing_build_is_rebuilt_only_if_named(self) -> None:
        for folder in BY_FOLDER:
            self.there_is(folder)
        self.build()
        self.assertEqual(self.steps, [])
        self.build("release")
        self.assertEqual(self.steps, ["configure release", "build release"])

    def test_there_is_a_preset_for_each_of_them(self) -> None:
        wanted = {variant.preset for variant in (*BY_FOLDER.values(), TRAINING)}
        self.assertLessEqual(wanted, builds._presets())


class Training(unittest.TestCase):
    def setUp(self) -> None:
        self.build_dir = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.build_dir / "chopin").touch()
        self.profile = self.build_dir / "profile"
        self.enterContext(mock.patch.object(servers, "running", self.running))
        self.asked: list[tuple[str, str, int]] = []
        self.stopped = 0

    @contextmanager
    def running(self, program: servers.Program) -> Iterator[mock.Mock]:
        server = mock.Mock(url=program.path)
        yield server
        self.stopped += server.stop.call_count

    def train(self, *errors: str) -> None:
        def run(url: str, work: Workload, seconds: int) -> Load:
            self.asked.append((url, work.request, work.depth))
            return Load(1, 1.0, 1.0, 1.0, errors)

        with mock.patch.object(WRK, "run", run):
            builds.train(self.build_dir, self.profile, lambda text: None)

    def test_asks_for_all_that_is_counted_and_ends_each_server_so_that_it_writes(self) -> None:
        self.train()
        counted = [row for row in ROWS.values() if row.mode is not None]
        self.assertEqual(self.asked, [(row.path, row.request, row.depth) for row in counted])
        self.assertEqual(self.stopped, len(counted))

    def test_removes_the_counts_of_the_previous_training(self) -> None:
        self.profile.mkdir()
        (self.profile / "old.gcda").touch()
        self.train()
        self.assertFalse(self.profile.exists())

    def test_ends_if_a_request_fails(self) -> None:
        with self.assertRaisesRegex(LoadError, "Non-2xx"):
            self.train("Non-2xx or 3xx responses: 1")


if __name__ == "__main__":
    unittest.main()
