"""Checks the servers, then takes the samples in rounds, so that a temporary slowdown affects all of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from measuring import servers
from measuring.counting import memory
from measuring.counting.memory import Held
from measuring.cpus import choose_pins
from measuring.load import sample, verification
from measuring.load.bounded_run import Load, LoadError
from measuring.load.other_tools import GENERATORS
from measuring.progress import Progress
from measuring.report.results import Row, ScenarioResult, Skipped
from measuring.scenarios.agenda import Settings, Task
from measuring.scenarios.field import Contender
from measuring.scenarios.plan import Entry
from measuring.servers.ours import is_in_development

Faults = dict[tuple[object, ...], str]  # by the identity of the contender


def check(contenders: Iterable[Contender], say: Callable[[str], None]) -> Faults:
    """Each once, in its own process. A peer with a fault is left out; a fault of chopin or the floor ends the run."""
    faults: Faults = {}
    for contender in {contender.identity: contender for contender in contenders}.values():
        if is_in_development(contender.program):
            continue  # its measured requests are still verified
        say(f"checking {contender.name}")
        try:
            servers.check(contender.program, servers.DEEPEST)
        except (servers.ServerError, OSError) as error:
            if not contender.is_peer:
                raise
            faults[contender.identity] = str(error)
    return faults


class Measurement:
    """Of one scenario."""

    def __init__(self, task: Task, settings: Settings, faults: Faults, progress: Progress) -> None:
        scenario = task.scenario
        self._task = task
        self._settings = settings
        self._progress = progress
        self._entries = [entry for entry in task.plan.entries if entry.contender.identity not in faults]
        about = (scenario.name, scenario.title, scenario.question, scenario.reference, scenario.axis)
        self._result = ScenarioResult(*about, task.rounds)
        out = {one.name: faults[one.identity] for one in task.contenders if one.identity in faults}
        skips = [*((skip.what, skip.reason) for skip in task.plan.skips), *out.items()]
        self._result.skipped = [Skipped(what, reason) for what, reason in skips]

    def take(self) -> ScenarioResult:
        if self._task.scenario.is_memory:
            self._take_memory()
        else:
            self._take_samples()
        return self._result

    def _take_samples(self) -> None:
        responses = self._verified()
        rows = {entry: _row(entry, responses[_asked(entry)]) for entry in self._entries if _asked(entry) in responses}
        self._result.rows = list(rows.values())
        open_loops = {entry: row for entry, row in rows.items() if entry.work.share is not None}
        self._run_rounds({entry: row for entry, row in rows.items() if entry not in open_loops})
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
        for turn, entry in sample.in_turns(list(rows), self._task.rounds):
            self._progress.step(f"{self._result.name}: {entry.contender.name}, {entry.label}, round {turn + 1}")
            if rows[entry].failure is None:
                self._sample(entry, rows[entry])

    def _sample(self, entry: Entry, row: Row) -> None:
        pins = choose_pins(entry.server_cpus, entry.client_cpus)
        work = replace(entry.work, rate=row.rate)
        generator = GENERATORS[entry.generator]

        def drive(server: servers.Server) -> Load:
            return generator.run(server.url, work, self._settings.seconds, pins.client, entry.client_cpus)

        try:
            row.samples.append(sample.measure(entry.contender.program, pins, drive))
        except (servers.ServerError, LoadError, OSError) as error:
            row.failure = str(error)

    def _take_memory(self) -> None:
        counts: dict[Contender, list[int]] = {}
        for entry in self._entries:
            counts.setdefault(entry.contender, []).append(entry.work.connections)
        for contender, wanted in counts.items():
            held = Held(contender.name)
            self._result.memory.append(held)

            def tell(count: int, name: str = contender.name) -> None:
                self._progress.step(f"{self._result.name}: {name}, {count:,} idle connections")

            try:
                memory.hold(held, contender.program, wanted, self._settings.settle, choose_pins().server, tell)
            except (servers.ServerError, OSError) as error:
                held.failure = str(error)


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
    closed = [other for other in rows if other.is_valid and not other.is_open_loop]
    ceilings = [other.requests_per_second for other in closed if other.generator == row.generator]
    if ceilings:
        row.rate = max(1, round(row.share * min(ceilings)))
    else:
        row.failure = "no ceiling is known"
