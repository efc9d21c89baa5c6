"""The servers that are compared."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import servers

CHOPIN = "chopin"
FLOOR = "floor"
FLOOR_SPEAKS_NO_HTTP = "the floor probe speaks no HTTP"

QUIET = ("--log-level", "off")
IDLE_FOR_LONG = ("--idle-timeout", "1h")


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

    @property
    def speaks_http(self) -> bool:
        return self.name != FLOOR

    def asked_for(self, path: str) -> "Contender":
        return dataclasses.replace(self, program=dataclasses.replace(self.program, path=path))

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
        program = servers.chopin(
            build_dir or self.build_dir,
            self.port,
            *flags,
            name=name,
            mode=mode,
            workers=workers,
            environment=environment,
        )
        return Contender(program, mode.response_class)

    def floor(self) -> Contender:
        return Contender(servers.floor(self.build_dir, self.port), "prebuilt")

    def peers(self, workers: int = 1) -> list[Contender]:
        """Those that serve /plaintext."""
        return [peer for peer in self._peers(workers) if peer.has(servers.PATH)]

    def _peers(self, workers: int) -> list[Contender]:
        return [Contender(program, "composed", is_peer=True) for program in self.peers_with(workers)]

    def all(self, path: str) -> list[Contender]:
        """Those that serve the path, the floor first."""
        everybody = [self.floor(), self.chopin(), *self.peers()]
        return [contender.asked_for(path) for contender in everybody if contender.has(path)]

    def all_that_add(self) -> list[Contender]:
        """Those that serve the sums, the floor first, and chopin by a program of its own."""
        ours = [
            Contender(servers.floor_of_sums(self.build_dir, self.port), "prebuilt"),
            Contender(servers.arena(self.build_dir, self.port), "composed"),
        ]
        peers = [peer.asked_for(servers.SUM_PATH) for peer in self.peers() if peer.has(servers.SUM_PATH)]
        return ours + peers

    def all_that_check(self) -> list[Contender]:
        """Those that take products, chopin by a program of its own."""
        chopin = Contender(servers.typed(self.build_dir, self.port), "composed")
        peers = [peer for peer in self._peers(1) if peer.has(servers.PRODUCTS_PATH)]
        return [chopin, *(peer.asked_for(servers.PRODUCTS_PATH) for peer in peers)]

    def all_that_speak_http(self, path: str) -> list[Contender]:
        return [contender for contender in self.all(path) if contender.speaks_http]

    def some(self, path: str, names: Sequence[str]) -> list[Contender]:
        return [contender for contender in self.all(path) if contender.name in names]
