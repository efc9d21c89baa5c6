"""The builds of chopin that are compared, and how they are made."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import servers
from measuring.counting.costs import under_wrk
from measuring.counting.rows import ROWS
from measuring.load.bounded_run import LoadError

SOURCE = Path(__file__).resolve().parents[3]
BUILD = SOURCE / "build"
# Without LTO, g++ 12 warns about code in the standard library.
OPTIONS = ("-DCHOPIN_TESTS=OFF", "-DCHOPIN_WARNINGS_AS_ERRORS=OFF")
TARGETS = ("chopin", "floor")  # what a --build-dir must contain
PROFILE = "profile"  # in the folder of the build that is trained: the default of CHOPIN_PROFILE
TRAINING_SECONDS = 1  # for each row

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Variant:
    name: str
    folder: str  # in build/
    preset: str
    options: tuple[str, ...] = ()
    trained_by: "Variant | None" = None  # the build that records this one's profile

    def why_missing(self, builds: Path) -> str | None:
        if (builds / self.folder / "chopin").is_file():
            return None
        return f"{self.folder} is not built: bench/run servers --build-variants (needs preset {self.preset})"


PORTABLE = "release-portable"
WITHOUT_LTO = ("-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF",)
TRAINING = Variant("training for a profile", "pgo-training", "pgo-training")
BY_FOLDER = {
    variant.folder: variant
    for variant in (
        Variant("portable", PORTABLE, PORTABLE),
        Variant("native", "release", "release"),
        Variant("without LTO", f"{PORTABLE}-no-lto", PORTABLE, WITHOUT_LTO),
        Variant("system allocator", f"{PORTABLE}-no-mimalloc", PORTABLE, ("-DCHOPIN_MIMALLOC=OFF",)),
        Variant("with a profile", "release-pgo", "release-pgo", trained_by=TRAINING),
    )
}
VARIANTS = {variant.name: variant for variant in BY_FOLDER.values()}


def build(folders: Sequence[str], tell: Tell) -> list[str]:
    """Builds these, or if none is named, all that are missing. Returns what could not be built."""
    missing = [folder for folder, variant in BY_FOLDER.items() if variant.why_missing(BUILD) is not None]
    failures = []
    for folder in folders or missing:
        try:
            _build(BY_FOLDER[folder], tell)
        except (servers.ServerError, LoadError) as error:
            failures.append(str(error))
    return failures


def _build(variant: Variant, tell: Tell) -> None:
    if variant.trained_by is not None:
        _build(variant.trained_by, tell)
        build_dir = BUILD / variant.trained_by.folder
        train(build_dir, build_dir / PROFILE, tell)
    tell(f"building {variant.folder}")
    if variant.preset not in _presets():
        raise servers.ServerError(f"{variant.name}: there is no preset {variant.preset}")
    folder = str(BUILD / variant.folder)
    # A new profile does not make objects out of date.
    anew = [] if variant.trained_by is None else ["--clean-first"]
    _run(variant, ["cmake", "--preset", variant.preset, "-B", folder, *OPTIONS, *variant.options])
    _run(variant, ["cmake", "--build", folder, *anew, "--target", *TARGETS])


def _presets() -> set[str]:
    presets = json.loads((SOURCE / "CMakePresets.json").read_text())["configurePresets"]
    return {preset["name"] for preset in presets}


def _run(variant: Variant, command: list[str]) -> None:
    try:
        done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True)
    except OSError as error:
        raise servers.ServerError(f"{variant.name}: {command[0]} cannot be run: {error}") from error
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise servers.ServerError(f"{variant.name}: {' '.join(command)} fails: {' / '.join(lines[-5:])}")


def train(build_dir: Path, profile: Path, tell: Tell) -> None:
    """Sends chopin all requests that `instructions` counts. Each server adds its counts to `profile` when it ends;
    earlier counts are removed first."""
    shutil.rmtree(profile, ignore_errors=True)
    for name, row in ROWS.items():
        if row.mode is None:
            continue
        tell(f"training with {name}")
        with servers.running(row.program(build_dir, port=0)) as server:
            under_wrk(row, TRAINING_SECONDS)(server)
            server.stop()
