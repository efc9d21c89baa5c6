"""A row of the table: an attack, and what the server may take for it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from attacks.habit import Habit
from attacks.settings import Settings

KIB = 1024
HEAD_EXTRA = 3 * KIB  # own memory for a connection, beside what it has sent
OTHER_EXTRA = 16 * KIB  # the same, beside the limits of pending input and output
PENDING_OUTPUT = 64 * KIB
PENDING_INPUT = 8 * KIB
ONE_READ = 64 * KIB  # Limits::read_buffer: what is pending after it depends on the responses to the rest

Tool = Callable[[int, float], "tuple[str, ...]"]  # port and seconds to the command of an attacking program


@dataclass(frozen=True)
class Row:
    name: str
    about: str
    habits: tuple[Habit, ...] = ()
    settings: Settings = field(default_factory=Settings)
    each: int = OTHER_EXTRA  # most own bytes for a connection
    once: int = 0  # most own bytes beside those
    seconds: float = 0  # at least
    quick_seconds: float | None = None  # None: not in the short form
    cgroup_bytes: int | None = None
    gives_kernel_memory_back: bool = False  # before the attackers are gone
    tool: Tool | None = None
    tool_connections: int = 0
    cannot: dict[str, str] = field(default_factory=dict)  # by server, and why

    @property
    def connections(self) -> int:
        return self.tool_connections + sum(habit.connections for habit in self.habits)

    def most_own_bytes(self) -> int:
        """By the rule; a limit of memory for all of them may be less."""
        return self.connections * self.each + self.once

    def scaled(self, share: float) -> "Row":
        """With fewer attackers, and as much less room for connections."""
        room = self.settings.connections
        settings = replace(self.settings, connections=None if room is None else int(room * share))
        return replace(self, habits=tuple(habit.scaled(share) for habit in self.habits), settings=settings)


def held(sent: int) -> int:
    """Most own bytes for a connection that sends so much of a head."""
    return sent + HEAD_EXTRA


def pending(request: int = PENDING_INPUT) -> int:
    """Most own bytes for a connection whose input may be so long."""
    return request + PENDING_OUTPUT + OTHER_EXTRA
