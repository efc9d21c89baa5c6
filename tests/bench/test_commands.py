"""Every command that a page or a script gives exists, and so do its options."""

import re
import subprocess
import sys
import unittest
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("servers", "instructions", "bytes", "memory", "delayed", "waiting", "data", "peers")
SUFFIXES = {".md", ".cpp", ".cmake", ".py", ""}


@cache
def told_by(*words: str) -> str:
    command = [sys.executable, "-B", str(ROOT / "bench" / "run"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def places() -> list[Path]:
    files = [path for name in ("bench", "cmake", "src", ".ci", ".github") for path in (ROOT / name).rglob("*")]
    known = [path for path in files if path.is_file() and path.suffix in SUFFIXES and "results" not in path.parts]
    return [*known, ROOT / "README.md"]


class Commands(unittest.TestCase):
    def test_are_all_listed_and_say_what_they_do(self) -> None:
        for name in COMMANDS:
            with self.subTest(name):
                self.assertIn(f"  {name} ", told_by("--help"))
                self.assertIn("--build-dir", told_by(name, "--help"))

    def test_that_are_mentioned_exist_with_their_options(self) -> None:
        count = 0
        for place in places():
            for command, options in re.findall(r"bench/run ([a-z]+)((?: [-\w./=]+)*)", place.read_text()):
                count += 1
                with self.subTest(place=str(place.relative_to(ROOT)), command=command, options=options):
                    self.assertIn(command, COMMANDS)
                    for option in re.findall(r"--[a-z][a-z-]*", options):
                        self.assertIn(f"{option} ", told_by(command, "--help").replace("]", " "))
        self.assertGreater(count, 30)

    def test_that_do_not_exist_are_refused(self) -> None:
        with self.assertRaises(subprocess.CalledProcessError):
            told_by("nothing")


if __name__ == "__main__":
    unittest.main()
