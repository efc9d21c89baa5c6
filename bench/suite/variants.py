"""The builds that are compared, and how they are made."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import load
import servers
from suite import training

SOURCE = Path(__file__).resolve().parents[2]
BUILD = SOURCE / "build"
# Without LTO, g++ 12 warns about code in the standard library.
OPTIONS = ("-DCHOPIN_TESTS=OFF", "-DCHOPIN_WARNINGS_AS_ERRORS=OFF")
TARGETS = ("chopin", "floor")  # what a --build-dir must contain
PROFILE = "profile"  # in the folder of the build that is trained: the default of CHOPIN_PROFILE


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
        return (
            f"{self.folder} is not built: bench/run servers --build-variants (needs preset {self.preset})"
        )


TRAINING = Variant("training for a profile", "pgo-training", "pgo-training")
VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("portable", "release-portable", "release-portable"),
        Variant("native", "release", "release"),
        Variant(
            "without LTO",
            "release-portable-no-lto",
            "release-portable",
            ("-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF",),
        ),
        Variant(
            "system allocator",
            "release-portable-no-mimalloc",
            "release-portable",
            ("-DCHOPIN_MIMALLOC=OFF",),
        ),
        Variant("with a profile", "release-pgo", "release-pgo", trained_by=TRAINING),
    )
}
BY_FOLDER = {variant.folder: variant for variant in VARIANTS.values()}


def build(folders: Sequence[str], tell: Callable[[str], None]) -> list[str]:
    """Builds these, or if none is named, all that are missing. Returns what could not be built."""
    missing = [folder for folder, variant in BY_FOLDER.items() if variant.why_missing(BUILD) is not None]
    failures = []
    for folder in folders or missing:
        try:
            _build(BY_FOLDER[folder], tell)
        except (servers.ServerError, load.LoadError) as error:
            failures.append(str(error))
    return failures


def _build(variant: Variant, tell: Callable[[str], None]) -> None:
    if variant.trained_by is not None:
        _build(variant.trained_by, tell)
        build_dir = BUILD / variant.trained_by.folder
        training.train(build_dir, build_dir / PROFILE, tell)
    tell(f"building {variant.folder}")
    _configure_and_build(variant)


def _configure_and_build(variant: Variant) -> None:
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
