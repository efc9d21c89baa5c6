"""The builds that are set against each other, and how they are made."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import servers

SOURCE = Path(__file__).resolve().parents[2]
BUILD = SOURCE / "build"
# g++ 12 warns of code in the standard library where it does not optimise at link time.
OPTIONS = ("-DCHOPIN_TESTS=OFF", "-DCHOPIN_WARNINGS_AS_ERRORS=OFF")


@dataclass(frozen=True)
class Variant:
    name: str
    folder: str  # in build/
    preset: str
    options: tuple[str, ...] = ()

    def why_missing(self, builds: Path) -> str | None:
        if (builds / self.folder / "chopin").is_file():
            return None
        return (
            f"{self.folder} is not built: bench/run --build-variants, where there is a preset {self.preset}"
        )


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
        Variant("with a profile", "release-pgo", "release-pgo"),
    )
}


def build(tell: Callable[[str], None]) -> list[str]:
    """Builds what is missing, as far as there is a preset for it. Says what could not be built."""
    failures = []
    for variant in VARIANTS.values():
        if variant.why_missing(BUILD) is None:
            continue
        tell(f"building {variant.folder}")
        try:
            _configure_and_build(variant)
        except servers.ServerError as error:
            failures.append(str(error))
    return failures


def _configure_and_build(variant: Variant) -> None:
    if variant.preset not in _presets():
        raise servers.ServerError(f"{variant.name}: there is no preset {variant.preset}")
    folder = str(BUILD / variant.folder)
    _run(variant, ["cmake", "--preset", variant.preset, "-B", folder, *OPTIONS, *variant.options])
    _run(variant, ["cmake", "--build", folder, "--target", "chopin"])


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
