"""What is measured: the rows of each scenario, and the reference of its ratios."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from typing import Any

import servers
from suite import contenders, variants
from suite.contenders import CHOPIN, FLOOR, Contender, Field
from suite.generators import OWN_CLIENT
from suite.workload import OPEN_LOOP_SHARES, Workload

UNPIPELINED = "unpipelined"
DEEP = "16 deep"
DEPTHS = {UNPIPELINED: 1, DEEP: servers.DEEPEST}
CEILING = "ceiling, closed loop"
WITH_PROFILE = "with a profile"

CONNECTIONS = (1, 4, 16, 64, 256, 1024, 4096, 10000)
PIPELINE_DEPTHS = (1, 2, 4, 8, 16, 32, 64)
IDLE_CONNECTIONS = (1000, 2500, 5000, 10000)
QUICK_CONNECTIONS = (1, 64, 1024)
QUICK_PIPELINE_DEPTHS = (1, 16, 64)
QUICK_IDLE_CONNECTIONS = (1000, 10000)
RATE = 10_000  # requests a second
RATE_CONNECTIONS = 1024
SUM_CONNECTIONS = (64, 512)
RIVALS = ("nginx", "h2o")  # compared with chopin when all peers would take too long


@dataclass(frozen=True)
class Skip:
    what: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """One row: server, workload and generator."""

    label: str  # rows of one label are compared
    contender: Contender
    work: Workload
    generator: str = "wrk"
    at: float | None = None  # the place on a curve, if the scenario has one
    curve: str = ""  # which curve, if it has several
    server_cpus: int = 1
    client_cpus: int = 1


@dataclass(frozen=True)
class Extent:
    """How much is measured, and what the machine allows."""

    quick: bool
    cores: int
    descriptors: int | None  # the hard limit; None: unlimited
    rate: int | None = None  # of the scenarios with a fixed one


@dataclass
class Plan:
    entries: list[Entry] = dataclasses.field(default_factory=list)
    skips: list[Skip] = dataclasses.field(default_factory=list)

    def add(self, label: str, everybody: Sequence[Contender], work: Workload, **more: Any) -> None:
        """`more` holds the other members of an entry."""
        for contender in everybody:
            self.entries.append(Entry(label, contender, replace(work, path=contender.program.path), **more))


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    question: str
    plan: Callable[[Field, Extent], Plan]
    reference: str = FLOOR  # the server that ratios refer to
    rounds: int = 5
    quick_rounds: int = 0  # 0: not in the quick run
    axis: str | None = None  # of the curve, if it is one
    is_memory: bool = False


def _both_depths(everybody: Sequence[Contender], request: str = "plain", suffix: str = "") -> Plan:
    plan = Plan()
    for label, depth in DEPTHS.items():
        plan.add(label + suffix, everybody, Workload(depth=depth, request=request))
    return plan


def _floor(field: Field, extent: Extent) -> Plan:
    """Also with a profile, if that is built."""
    everybody = field.some(servers.PATH, (FLOOR, CHOPIN))
    profiled, builds = variants.VARIANTS[WITH_PROFILE], field.build_dir.parent
    reason = profiled.why_missing(builds)
    if reason is None:
        chopin = field.chopin(f"{CHOPIN} {WITH_PROFILE}", build_dir=builds / profiled.folder)
        everybody.append(chopin.asked_for(servers.PATH))
    plan = _both_depths(everybody)
    if reason is not None:
        plan.skips.append(Skip(WITH_PROFILE, reason))
    return plan


def _plaintext(field: Field, extent: Extent) -> Plan:
    return _both_depths(field.all(servers.PATH))


def _json(field: Field, extent: Extent) -> Plan:
    return _both_depths(field.all("/json"))


def _classes(field: Field, extent: Extent) -> Plan:
    kinds = {"prebuilt": servers.PREBUILT, "composed": servers.COMPOSED, "standard": servers.STANDARD}
    return _both_depths([field.chopin(name, mode).asked_for("/json") for name, mode in kinds.items()])


def _middleware(field: Field, extent: Extent) -> Plan:
    """In development with default flags: each request writes a line to the log."""
    return _both_depths(
        [
            field.chopin("/plaintext, fast route"),
            field.chopin("/ in production").asked_for("/"),
            field.chopin("/ in development", environment="development", flags=()).asked_for("/"),
        ]
    )


def _browser(field: Field, extent: Extent) -> Plan:
    return _both_depths(field.all(servers.PATH), "browser")


def _varied(field: Field, extent: Extent) -> Plan:
    everybody = field.some(servers.PATH, (FLOOR, CHOPIN)) if extent.quick else field.all(servers.PATH)
    plan = Plan()
    for heads, request in {"repeated": "plain", "varied": "plain-varied"}.items():
        plan.entries += _both_depths(everybody, request, f", {heads} heads").entries
    return plan


def _echo(field: Field, extent: Extent) -> Plan:
    plan = Plan()
    chopin = field.chopin()
    echo = replace(chopin, program=replace(chopin.program, path="/echo"))
    for label, request in {"1 KiB": "echo-1k", "64 KiB": "echo-64k"}.items():
        plan.add(label, [echo], Workload(request=request))
    plan.skips.append(Skip("other servers", "they have no /echo"))
    return plan


def _churn(label: str, everybody: Sequence[Contender], work: Workload) -> Plan:
    plan = Plan(skips=[Skip(FLOOR, contenders.FLOOR_SPEAKS_NO_HTTP + ", and closes no connection")])
    plan.add(label, everybody, work)
    return plan


def _new_connections(field: Field, extent: Extent) -> Plan:
    everybody = field.all_that_speak_http(servers.PATH)
    if extent.quick:
        everybody = [contender for contender in everybody if contender.name in (CHOPIN, *RIVALS)]
    return _churn("1 request each", everybody, Workload(request="close"))


def _ten_requests(field: Field, extent: Extent) -> Plan:
    work = Workload(requests_per_connection=10)
    return _churn("10 requests each", field.all_that_speak_http(servers.PATH), work)


def _connections(field: Field, extent: Extent) -> Plan:
    plan = Plan()
    everybody = field.some(servers.PATH, (FLOOR, CHOPIN)) if extent.quick else field.all(servers.PATH)
    for count in _that_fit(QUICK_CONNECTIONS if extent.quick else CONNECTIONS, extent, plan):
        plan.add(_counted(count, "connection"), everybody, Workload(connections=count), at=count)
    return plan


def _pipeline(field: Field, extent: Extent) -> Plan:
    plan = Plan()
    everybody = field.some(servers.PATH, (FLOOR, CHOPIN)) if extent.quick else field.all(servers.PATH)
    for depth in QUICK_PIPELINE_DEPTHS if extent.quick else PIPELINE_DEPTHS:
        plan.add(f"{depth} deep", everybody, Workload(depth=depth), at=depth)
    return plan


def _memory(field: Field, extent: Extent) -> Plan:
    plan = Plan(skips=[Skip(FLOOR, contenders.FLOOR_SPEAKS_NO_HTTP)])
    chopin = field.chopin(flags=(*contenders.QUIET, *contenders.IDLE_FOR_LONG))
    everybody = [chopin] if extent.quick else [chopin, *field.peers()]
    for count in _that_fit(QUICK_IDLE_CONNECTIONS if extent.quick else IDLE_CONNECTIONS, extent, plan):
        plan.add(_counted(count, "connection"), everybody, Workload(connections=count), at=count)
    return plan


def _cores(field: Field, extent: Extent) -> Plan:
    """The load generator gets the other cores, at least as many as the server."""
    plan = Plan()
    most = extent.cores // 2
    if most < 2:
        plan.skips.append(
            Skip("all rows", f"needs 4 cores, half of them for the load generator; here: {extent.cores}")
        )
        return plan
    for count in sorted({*(2**power for power in range(most.bit_length())), most}):
        everybody = [field.chopin(workers=count), *field.peers(workers=count)]
        cpus = {"at": count, "server_cpus": count, "client_cpus": extent.cores - count}
        for label, depth in DEPTHS.items():
            many = Workload(connections=64 * count, depth=depth)
            plan.add(f"{label}, {_counted(count, 'core')}", everybody, many, curve=label, **cpus)
    return plan


def _builds(*names: str) -> Callable[[Field, Extent], Plan]:
    """One source built in several ways. Pipelined too: unpipelined, the kernel's share of a request hides the rest."""

    def plan(field: Field, extent: Extent) -> Plan:
        result = Plan()
        builds = field.build_dir.parent
        missing = {name: variants.VARIANTS[name].why_missing(builds) for name in names}
        result.skips = [Skip(name, reason) for name, reason in missing.items() if reason is not None]
        built = [name for name, reason in missing.items() if reason is None]
        if len(built) < 2:
            return Plan(skips=[*result.skips, Skip("all rows", "nothing to compare with")])
        for path in (servers.PATH, "/"):
            everybody = [
                field.chopin(name, build_dir=builds / variants.VARIANTS[name].folder).asked_for(path)
                for name in built
            ]
            for label, depth in DEPTHS.items():
                result.add(f"{path} {label}", everybody, Workload(depth=depth))
        return result

    return plan


def _latency(field: Field, extent: Extent) -> Plan:
    everybody = field.some(servers.PATH, (CHOPIN, *RIVALS[:1])) if extent.quick else field.all(servers.PATH)
    plan = Plan()
    if extent.rate is not None:
        work = Workload(rate=extent.rate)
        plan.add(f"{extent.rate:,} requests/s", everybody, work, generator=OWN_CLIENT.name)
        return plan
    plan.add(CEILING, everybody, Workload(), generator=OWN_CLIENT.name)
    for share in OPEN_LOOP_SHARES:
        label = f"{share:.0%} of the lowest ceiling"
        plan.add(label, everybody, Workload(share=share), generator=OWN_CLIENT.name)
    return plan


def _rate(field: Field, extent: Extent) -> Plan:
    """Peers compose their responses, so chopin does that too in a row of its own."""
    plan = Plan()
    rate = extent.rate or RATE
    everybody = field.all(servers.PATH)
    everybody.append(field.chopin(f"{CHOPIN} composed", servers.COMPOSED))
    for count in _that_fit((RATE_CONNECTIONS,), extent, plan):
        work = Workload(connections=count, rate=rate)
        label = f"{rate:,} requests/s, {_counted(count, 'connection')}"
        plan.add(label, everybody, work, generator=OWN_CLIENT.name)
    return plan


def _arena_baseline(field: Field, extent: Extent) -> Plan:
    """Kept connections, and those that are reset after 10 requests."""
    everybody = field.all_that_add()
    adding = [contender.name for contender in everybody]
    cannot = [peer.name for peer in field.peers() if peer.name not in adding]
    plan = Plan(skips=[Skip(name, f"it has no {servers.SUM_PATH}") for name in cannot])
    first, *more = (request for request, _ in servers.SUMS)
    for count in _that_fit(SUM_CONNECTIONS, extent, plan):
        for label, resets_after in {"": None, ", 10 requests each": 10}.items():
            work = Workload(
                request=first, more_requests=tuple(more), connections=count, resets_after=resets_after
            )
            plan.add(_counted(count, "connection") + label, everybody, work, generator=OWN_CLIENT.name)
    return plan


def _typed(field: Field, extent: Extent) -> Plan:
    plan = Plan()
    plan.add(UNPIPELINED, field.all_that_check(), Workload(request="product"))
    return plan


def _generators(field: Field, extent: Extent) -> Plan:
    plan = Plan()
    everybody = field.some(servers.PATH, (FLOOR, CHOPIN, *RIVALS[:1]))
    for generator in ("wrk", OWN_CLIENT.name, "oha", "bombardier", "h2load"):
        plan.add(f"{generator}, {UNPIPELINED}", everybody, Workload(), generator=generator)
    for generator in ("wrk", "h2load"):
        plan.add(f"{generator}, {DEEP}", everybody, Workload(depth=16), generator=generator)
    return plan


def _that_fit(counts: Sequence[int], extent: Extent, plan: Plan) -> list[int]:
    """The limit is per process: server and load generator each have it."""
    fitting = []
    for count in counts:
        if extent.descriptors is not None and count + 100 > extent.descriptors:
            plan.skips.append(
                Skip(_counted(count, "connection"), f"the hard limit of open files is {extent.descriptors}")
            )
        else:
            fitting.append(count)
    return fitting


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count > 1 else ''}"


SCENARIOS = (
    Scenario(
        "floor",
        "The price of HTTP",
        "How far is chopin from an epoll loop that speaks no HTTP? Many rounds, because the two are close.",
        _floor,
        rounds=30,
    ),
    Scenario(
        "plaintext",
        "GET /plaintext",
        "What does the smallest request cost, alone and 16 in one piece?",
        _plaintext,
        quick_rounds=2,
    ),
    Scenario(
        "json",
        "GET /json",
        "What does a small JSON object cost?",
        _json,
        reference=CHOPIN,
    ),
    Scenario(
        "classes",
        "Prebuilt, composed, standard mode",
        "What does it cost to compose /json for every request, and to pass router and middleware?",
        _classes,
        reference="prebuilt",
        quick_rounds=1,
    ),
    Scenario(
        "middleware",
        "Through router and middleware",
        "What does / cost in production, and in development with request ids and a log line each?",
        _middleware,
        reference="/plaintext, fast route",
    ),
    Scenario(
        "browser",
        "A browser's head",
        "What does a head with 12 fields and about 530 bytes cost?",
        _browser,
        rounds=3,
    ),
    Scenario(
        "varied",
        "Repeated and varied heads",
        "What does a client gain by repeating itself? Varied heads change the query and a field each time.",
        _varied,
        rounds=3,
        quick_rounds=1,
    ),
    Scenario(
        "echo",
        "POST /echo",
        "What does a body cost that is read and sent back?",
        _echo,
        reference=CHOPIN,
    ),
    Scenario(
        "new-connections",
        "A new connection for each request",
        "What does a connection cost?",
        _new_connections,
        reference=CHOPIN,
        quick_rounds=1,
    ),
    Scenario(
        "ten-requests",
        "10 requests for each connection",
        "What does a connection cost if 10 requests share it, on average?",
        _ten_requests,
        reference=CHOPIN,
    ),
    Scenario(
        "connections",
        "Over the number of connections",
        "How does the cost change from one connection to 10,000?",
        _connections,
        rounds=3,
        quick_rounds=1,
        axis="connections",
    ),
    Scenario(
        "pipeline",
        "Over the pipeline depth",
        "What does pipelining gain?",
        _pipeline,
        rounds=3,
        quick_rounds=1,
        axis="requests in one piece",
    ),
    Scenario(
        "latency",
        "Latency at a fixed rate",
        "How long does a response take if all servers get the same load: 50, 70 and 90 % of what the slowest can do?",
        _latency,
        rounds=3,
        quick_rounds=1,
    ),
    Scenario(
        "rate",
        "A modest rate on many connections",
        "What does a request cost, and how long does it take, if the server is mostly idle?",
        _rate,
    ),
    Scenario(
        "arena-baseline",
        "Sums: GET, POST and a chunked POST in turn",
        "What does a small response cost that depends on query and body, where two of three requests have a body?",
        _arena_baseline,
    ),
    Scenario(
        "typed",
        "POST /products: read, checked and sent back",
        "What does a body of 1 KiB cost that is read into a struct of 10 members, checked and written again?",
        _typed,
        reference=CHOPIN,
        rounds=7,
    ),
    Scenario(
        "generators",
        "By load generator",
        "How much of a figure comes from the load generator?",
        _generators,
        rounds=3,
    ),
    Scenario(
        "memory",
        "Memory of idle connections",
        "How much memory does an idle connection take?",
        _memory,
        reference=CHOPIN,
        quick_rounds=1,
        axis="idle connections",
        is_memory=True,
    ),
    Scenario(
        "cores",
        "Over the number of cores",
        "Does a second core serve as much as the first?",
        _cores,
        reference=CHOPIN,
        axis="cores of the server",
    ),
    Scenario(
        "allocator",
        "mimalloc and the system allocator",
        "What does mimalloc gain, above all on /, which allocates?",
        _builds("portable", "system allocator"),
        reference="system allocator",
    ),
    Scenario(
        "native",
        "For this CPU and for every x86-64-v3",
        "What does -march=native gain?",
        _builds("portable", "native"),
        reference="portable",
    ),
    Scenario(
        "lto",
        "Link-time optimisation",
        "What does it gain?",
        _builds("without LTO", "portable"),
        reference="without LTO",
    ),
    Scenario(
        "pgo",
        "Profile-guided optimisation",
        "What does it gain?",
        _builds("portable", WITH_PROFILE),
        reference="portable",
    ),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
