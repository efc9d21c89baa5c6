"""The servers that are compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import servers
from measuring.servers import CHOPIN, FLOOR

QUIET = ("--log-level", "off")
IDLE_FOR_LONG = ("--idle-timeout", "1h")  # idle connections must outlive the measurement


@dataclass(frozen=True)
class Contender:
    program: servers.Program
    response_class: str  # prebuilt or composed
    is_peer: bool = False

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for contenders with the same process, whatever their names and paths."""
        return (self.program.command, self.program.variables, self.program.files)

    @property
    def name(self) -> str:
        return self.program.name

    def asked_for(self, path: str) -> "Contender":
        return replace(self, program=replace(self.program, path=path))

    def has(self, path: str) -> bool:
        return path in dict(self.program.routes)


@dataclass(frozen=True)
class Field:
    """All available servers, with as many workers as a scenario wants."""

    build_dir: Path
    port: int
    peers_with: Callable[[int], Sequence[servers.Program]]  # by the number of workers

    def chopin(
        self,
        name: str = CHOPIN,
        mode: servers.Mode = servers.PREBUILT,
        environment: str = "production",
        build_dir: Path | None = None,
        workers: int = 1,
        flags: tuple[str, ...] = QUIET,
    ) -> Contender:
        folder = build_dir or self.build_dir
        told = servers.chopin(folder, self.port, *flags, name=name, mode=mode, workers=workers, environment=environment)
        return Contender(told, mode.response_class)

    def peers(self, workers: int = 1, path: str = servers.PATH) -> list[Contender]:
        """Those that serve the path."""
        everybody = [Contender(program, "composed", is_peer=True) for program in self.peers_with(workers)]
        return [peer.asked_for(path) for peer in everybody if peer.has(path)]

    def all(self, path: str = servers.PATH) -> list[Contender]:
        """Those that serve the path, the floor first."""
        floor = Contender(servers.floor(self.build_dir, self.port), "prebuilt")
        ours = [one.asked_for(path) for one in (floor, self.chopin()) if one.has(path)]
        return ours + [peer.asked_for(path) for peer in self.peers() if peer.has(path)]

    def all_that_add(self) -> list[Contender]:
        """Those that serve the sums, the floor first, and chopin by a program of its own."""
        floor = Contender(servers.floor_of_sums(self.build_dir, self.port), "prebuilt")
        chopin = Contender(servers.arena(self.build_dir, self.port), "composed")
        return [floor, chopin, *self.peers(path=servers.SUM_PATH)]

    def all_that_check(self) -> list[Contender]:
        """Those that take products, chopin by a program of its own."""
        chopin = Contender(servers.typed(self.build_dir, self.port), "composed")
        return [chopin, *self.peers(path=servers.PRODUCTS_PATH)]

    def all_that_speak_http(self) -> list[Contender]:
        return [contender for contender in self.all() if contender.name != FLOOR]

    def some(self, *names: str) -> list[Contender]:
        return [contender for contender in self.all() if contender.name in names]
