"""What a load generator has to do."""

import re
from dataclasses import dataclass
from functools import cached_property

from measuring.load import request_file

PLAIN = "plain"  # the request that wrk sends by default
OPEN_LOOP_SHARES = (0.5, 0.7, 0.9)  # of the lowest ceiling that the generator finds in a closed loop


@dataclass(frozen=True)
class Workload:
    path: str = "/plaintext"
    request: str = PLAIN  # of requests/
    more_requests: tuple[str, ...] = ()  # in turn with it
    connections: int = 64
    depth: int = 1  # requests in one piece
    requests_per_connection: int | None = None  # on average; the server closes then. None: no limit
    resets_after: int | None = None  # requests: then the client ends the connection with a reset
    share: float | None = None  # of the lowest ceiling: an open loop
    rate: int | None = None  # in requests per second: an open loop

    @property
    def is_open_loop(self) -> bool:
        return self.share is not None or self.rate is not None

    @property
    def requests(self) -> tuple[str, ...]:
        return (self.request, *self.more_requests)

    @cached_property
    def asked(self) -> request_file.RequestFile:
        return request_file.read(self.request)

    @property
    def method(self) -> str:
        return self.asked.head.split(" ", 1)[0]

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Those that a generator does not send by default."""
        lines = re.findall(r"(?m)^([\w-]+): (.*?)\r$", self.asked.head)
        return tuple(line for line in lines if line[0] not in ("Host", "Content-Length", "Connection"))

    @property
    def is_varied(self) -> bool:
        return "{number}" in self.asked.head
