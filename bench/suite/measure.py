"""Checks the servers, then takes the samples in rounds, so that a temporary slowdown affects all of them."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace

import comparison
import memory
import servers
from cpus import Pins, choose_pins
from load import Load, LoadError
from progress import Progress
from suite import verification
from suite.agenda import Settings, Task
from suite.contenders import Contender
from suite.generators import GENERATORS
from suite.results import MemoryRow, Row, ScenarioResult, Skipped
from suite.scenarios import Entry

RETURN_SECONDS = 5  # from the last close until memory should be returned

Faults = dict[tuple[object, ...], str]  # by the identity of the contender


def check(contenders: Iterable[Contender], say: Callable[[str], None]) -> Faults:
    """Each once, in its own process. A peer with a fault is left out; a fault of chopin or the floor ends the run."""
    faults: Faults = {}
    for contender in {contender.identity: contender for contender in contenders}.values():
        if not _responds_alike(contender.program):
            continue
        say(f"checking {contender.name}")
        try:
            servers.check(contender.program, servers.DEEPEST)
        except (servers.ServerError, OSError) as error:
            if not contender.is_peer:
                raise
            faults[contender.identity] = str(error)
    return faults


def _responds_alike(program: servers.Program) -> bool:
    """In development every response has another request id; the measured requests are still verified."""
    return ("ENVIRONMENT", "development") not in program.variables


class Measurement:
    """Of one scenario."""

    def __init__(self, task: Task, settings: Settings, faults: Faults, progress: Progress) -> None:
        scenario = task.scenario
        self._settings = settings
        self._progress = progress
        self._rounds = task.rounds
        self._is_memory = scenario.is_memory
        self._entries = [entry for entry in task.plan.entries if entry.contender.identity not in faults]
        self._result = ScenarioResult(
            scenario.name, scenario.title, scenario.question, scenario.reference, scenario.axis, task.rounds
        )
        self._result.skipped = [Skipped(skip.what, skip.reason) for skip in task.plan.skips]
        out = {
            contender.name: faults[contender.identity]
            for contender in task.contenders
            if contender.identity in faults
        }
        self._result.skipped += [Skipped(name, reason) for name, reason in out.items()]

    def take(self) -> ScenarioResult:
        if self._is_memory:
            self._take_memory()
        else:
            self._take_samples()
        return self._result

    def _take_samples(self) -> None:
        responses = self._verified()
        rows = {
            entry: _row(entry, responses[_asked(entry)]) for entry in self._entries if _asked(entry) in responses
        }
        self._result.rows = list(rows.values())
        closed_loops = {entry: row for entry, row in rows.items() if entry.work.share is None}
        open_loops = {entry: row for entry, row in rows.items() if entry.work.share is not None}
        self._run_rounds(closed_loops)
        for row in open_loops.values():
            _set_rate(row, self._result.rows)
        self._run_rounds(open_loops)

    def _verified(self) -> dict[tuple[object, ...], servers.Response]:
        """The responses by server and request. Servers with wrong responses are skipped."""
        responses: dict[tuple[object, ...], servers.Response] = {}
        for asked, entry in {_asked(entry): entry for entry in self._entries}.items():
            try:
                responses[asked] = verification.verify(entry.contender.program, entry.work)
            except (servers.ServerError, OSError) as error:
                if not entry.contender.is_peer:
                    raise
                self._result.skipped.append(Skipped(entry.contender.name, str(error)))
        return responses

    def _run_rounds(self, rows: dict[Entry, Row]) -> None:
        order = list(rows.items())
        for turn in range(self._rounds):
            for entry, row in order:
                self._progress.step(
                    f"{self._result.name}: {entry.contender.name}, {entry.label}, round {turn + 1}"
                )
                if row.failure is None:
                    self._sample(entry, row)
            order.reverse()  # so that no server always follows the same one

    def _sample(self, entry: Entry, row: Row) -> None:
        pins = choose_pins(entry.server_cpus, entry.client_cpus)
        work = replace(entry.work, rate=row.rate)
        generator = GENERATORS[entry.generator]

        def drive(server: servers.Server) -> Load:
            return generator.run(server.url, work, self._settings.seconds, entry.client_cpus, pins.client)

        try:
            row.samples.append(comparison.measure(entry.contender.program, pins, drive))
        except (servers.ServerError, LoadError, OSError) as error:
            row.failure = str(error)

    def _take_memory(self) -> None:
        counts: dict[Contender, list[int]] = {}
        for entry in self._entries:
            counts.setdefault(entry.contender, []).append(entry.work.connections)
        for contender, wanted in counts.items():
            row = MemoryRow(contender.name)
            self._result.memory.append(row)
            try:
                self._fill(row, contender.program, sorted(wanted), choose_pins())
            except (servers.ServerError, OSError) as error:
                row.failure = str(error)

    def _fill(self, row: MemoryRow, program: servers.Program, counts: Sequence[int], pins: Pins) -> None:
        with servers.running(program, pins.server) as server:
            memory.warm_up(server.port)
            time.sleep(self._settings.settle)
            sockets_before = memory.sockets_of(server.pid)
            row.memory[0] = memory.memory_of(server.pid)
            with ExitStack() as opened:
                held = 0
                for count in counts:
                    self._progress.step(f"{self._result.name}: {row.server}, {count:,} idle connections")
                    for client in memory.open_connections(server.port, count - held, held):
                        opened.enter_context(client)
                    held = count
                    time.sleep(self._settings.settle)
                    _require_connections(server, sockets_before, count)
                    row.memory[count] = memory.memory_of(server.pid)
            time.sleep(RETURN_SECONDS)
            row.closed = memory.memory_of(server.pid)
            server.stop()


def _require_connections(server: servers.Server, sockets_before: int, count: int) -> None:
    held = memory.sockets_of(server.pid) - sockets_before
    if held != count:
        raise servers.ServerError(f"{server.name} holds {held} connections, not {count}")


def _asked(entry: Entry) -> tuple[object, ...]:
    work = entry.work
    return (entry.contender.identity, work.path, work.requests, work.requests_per_connection, work.depth > 1)


def _row(entry: Entry, response: servers.Response) -> Row:
    work = entry.work
    return Row(
        label=entry.label,
        server=entry.contender.name,
        generator=entry.generator,
        answer_class=entry.contender.response_class,
        path=work.path,
        request=", ".join(work.requests),
        connections=work.connections,
        depth=work.depth,
        at=entry.at,
        curve=entry.curve,
        share=work.share,
        rate=work.rate,
        answer_bytes=len(response.head) + len(response.body),
        answer_head=response.head.decode("latin-1"),
    )


def _set_rate(row: Row, rows: Sequence[Row]) -> None:
    """The same for all servers: a share of what the generator gets from the slowest of them in a closed loop."""
    assert row.share is not None
    ceilings = [
        other.requests_per_second
        for other in rows
        if other.is_valid and not other.is_open_loop and other.generator == row.generator
    ]
    if ceilings:
        row.rate = max(1, round(row.share * min(ceilings)))
    else:
        row.failure = "no ceiling is known"
