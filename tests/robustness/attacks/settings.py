"""What a row asks of every server, in words that each of them has a setting for."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Settings:
    """The defaults are chopin's; the other servers are given the same."""

    header_seconds: int = 10
    body_seconds: int = 30  # between two reads of a body
    idle_seconds: int = 65
    write_seconds: int = 30
    connections: int | None = None  # as many as the limit of open files allows
    head_bytes: int = 8192
    fields: int = 100
    body_bytes: int = MIB
    slow_seconds: int = 7  # that /db waits, longer than an attack
    memory_bytes: int | None = None  # of all connections together; only chopin has it

    @property
    def largest_write(self) -> int:
        """Of a server's timeouts those that some programs do not tell apart."""
        return max(self.body_seconds, self.write_seconds)


ALL_OF_A_SECOND = Settings(header_seconds=2, body_seconds=1, idle_seconds=1, write_seconds=1)
