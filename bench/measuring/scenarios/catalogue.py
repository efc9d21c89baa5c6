"""What is measured: the rows of each scenario, and the reference of its ratios."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from measuring import servers
from measuring.load.chopin_load import CHOPIN_LOAD
from measuring.load.workload import OPEN_LOOP_SHARES, Workload
from measuring.scenarios import builds
from measuring.scenarios.field import IDLE_FOR_LONG, QUIET, Contender, Field
from measuring.scenarios.plan import Extent, Plan, Planner, Scenario, counted
from measuring.servers import CHOPIN, FLOOR

UNPIPELINED = "unpipelined"
DEEP = "16 deep"
DEPTHS = {UNPIPELINED: 1, DEEP: servers.DEEPEST}
WITH_PROFILE = "with a profile"
FLOOR_SPEAKS_NO_HTTP = "the floor probe speaks no HTTP"

# In the full run, and in the quick one.
CONNECTIONS = ((1, 4, 16, 64, 256, 1024, 4096, 10000), (1, 64, 1024))
PIPELINE_DEPTHS = ((1, 2, 4, 8, 16, 32, 64), (1, 16, 64))
IDLE_CONNECTIONS = ((1000, 2500, 5000, 10000), (1000, 10000))
RATE = 10_000  # requests a second
RIVALS = ("nginx", "h2o")  # compared with chopin when all peers would take too long

SCENARIOS: list[Scenario] = []


def _scenario(name: str, title: str, question: str = "", **more: Any) -> Callable[[Planner], Planner]:
    """The docstring of the plan is the question, if none is given. `more` holds the other members of a scenario."""

    def add(plan: Planner) -> Planner:
        SCENARIOS.append(Scenario(name, title, question or plan.__doc__ or "", plan, **more))
        return plan

    return add


def _both_depths(everybody: Sequence[Contender], request: str = "plain", suffix: str = "") -> Plan:
    plan = Plan()
    for label, depth in DEPTHS.items():
        plan.add(label + suffix, everybody, Workload(depth=depth, request=request))
    return plan


def _all_or_ours(field: Field, extent: Extent) -> list[Contender]:
    return field.some(FLOOR, CHOPIN) if extent.quick else field.all()


@_scenario("floor", "The price of HTTP", rounds=30)
def _floor(field: Field, extent: Extent) -> Plan:
    """How far is chopin from an epoll loop that speaks no HTTP? Many rounds, because the two are close."""
    # Also with a profile, if that is built.
    everybody = field.some(FLOOR, CHOPIN)
    profiled, folders = builds.VARIANTS[WITH_PROFILE], field.build_dir.parent
    reason = profiled.why_missing(folders)
    if reason is None:
        everybody.append(field.chopin(f"{CHOPIN} {WITH_PROFILE}", build_dir=folders / profiled.folder))
    plan = _both_depths(everybody)
    if reason is not None:
        plan.skip(WITH_PROFILE, reason)
    return plan


@_scenario("plaintext", "GET /plaintext", quick_rounds=2)
def _plaintext(field: Field, extent: Extent) -> Plan:
    """What does the smallest request cost, alone and 16 in one piece?"""
    return _both_depths(field.all())


@_scenario("json", "GET /json", reference=CHOPIN)
def _json(field: Field, extent: Extent) -> Plan:
    """What does a small JSON object cost?"""
    return _both_depths(field.all(servers.JSON_PATH))


@_scenario("classes", "Prebuilt, composed, standard mode", reference="prebuilt", quick_rounds=1)
def _classes(field: Field, extent: Extent) -> Plan:
    """What does it cost to compose /json for every request, and to pass router and middleware?"""
    kinds = {"prebuilt": servers.PREBUILT, "composed": servers.COMPOSED, "standard": servers.STANDARD}
    return _both_depths([field.chopin(name, mode).asked_for(servers.JSON_PATH) for name, mode in kinds.items()])


@_scenario("middleware", "Through router and middleware", reference="/plaintext, fast route")
def _middleware(field: Field, extent: Extent) -> Plan:
    """What does / cost in production, and in development with request ids and a log line each?"""
    # In development with default flags: each request writes a line to the log.
    development = field.chopin("/ in development", environment="development", flags=()).asked_for("/")
    production = field.chopin("/ in production").asked_for("/")
    return _both_depths([field.chopin("/plaintext, fast route"), production, development])


@_scenario("browser", "A browser's head", rounds=3)
def _browser(field: Field, extent: Extent) -> Plan:
    """What does a head with 12 fields and about 530 bytes cost?"""
    return _both_depths(field.all(), "browser")


@_scenario("varied", "Repeated and varied heads", rounds=3, quick_rounds=1)
def _varied(field: Field, extent: Extent) -> Plan:
    """What does a client gain by repeating itself? Varied heads change the query and a field each time."""
    plan = Plan()
    for heads, request in {"repeated": "plain", "varied": "plain-varied"}.items():
        plan.entries += _both_depths(_all_or_ours(field, extent), request, f", {heads} heads").entries
    return plan


@_scenario("echo", "POST /echo", reference=CHOPIN)
def _echo(field: Field, extent: Extent) -> Plan:
    """What does a body cost that is read and sent back?"""
    plan = Plan()
    for label, request in {"1 KiB": "echo-1k", "64 KiB": "echo-64k"}.items():
        plan.add(label, [field.chopin().asked_for("/echo")], Workload(request=request))
    plan.skip("other servers", "they have no /echo")
    return plan


def _churn(label: str, everybody: Sequence[Contender], work: Workload) -> Plan:
    plan = Plan()
    plan.skip(FLOOR, f"{FLOOR_SPEAKS_NO_HTTP}, and closes no connection")
    plan.add(label, everybody, work)
    return plan


@_scenario("new-connections", "A new connection for each request", reference=CHOPIN, quick_rounds=1)
def _new_connections(field: Field, extent: Extent) -> Plan:
    """What does a connection cost?"""
    everybody = field.some(CHOPIN, *RIVALS) if extent.quick else field.all_that_speak_http()
    return _churn("1 request each", everybody, Workload(request="close"))


@_scenario("ten-requests", "10 requests for each connection", reference=CHOPIN)
def _ten_requests(field: Field, extent: Extent) -> Plan:
    """What does a connection cost if 10 requests share it, on average?"""
    return _churn("10 requests each", field.all_that_speak_http(), Workload(requests_per_connection=10))


@_scenario("connections", "Over the number of connections", rounds=3, quick_rounds=1, axis="connections")
def _connections(field: Field, extent: Extent) -> Plan:
    """How does the cost change from one connection to 10,000?"""
    plan = Plan()
    for count in extent.fitting(CONNECTIONS[extent.quick], plan):
        work = Workload(connections=count)
        plan.add(counted(count, "connection"), _all_or_ours(field, extent), work, at=count)
    return plan


@_scenario("pipeline", "Over the pipeline depth", rounds=3, quick_rounds=1, axis="requests in one piece")
def _pipeline(field: Field, extent: Extent) -> Plan:
    """What does pipelining gain?"""
    plan = Plan()
    for depth in PIPELINE_DEPTHS[extent.quick]:
        plan.add(f"{depth} deep", _all_or_ours(field, extent), Workload(depth=depth), at=depth)
    return plan


@_scenario("latency", "Latency at a fixed rate", rounds=3, quick_rounds=1)
def _latency(field: Field, extent: Extent) -> Plan:
    """How long does a response take if all servers get the same load: 50, 70 and 90 % of what the slowest can do?"""
    everybody = field.some(CHOPIN, *RIVALS[:1]) if extent.quick else field.all()
    plan = Plan()
    works = {"ceiling, closed loop": Workload()}
    works |= {f"{share:.0%} of the lowest ceiling": Workload(share=share) for share in OPEN_LOOP_SHARES}
    if extent.rate is not None:
        works = {f"{extent.rate:,} requests/s": Workload(rate=extent.rate)}
    for label, work in works.items():
        plan.add(label, everybody, work, generator=CHOPIN_LOAD.name)
    return plan


@_scenario("rate", "A modest rate on many connections")
def _rate(field: Field, extent: Extent) -> Plan:
    """What does a request cost, and how long does it take, if the server is mostly idle?"""
    # Peers compose their responses, so chopin does that too in a row of its own.
    plan = Plan()
    rate = extent.rate or RATE
    everybody = [*field.all(), field.chopin(f"{CHOPIN} composed", servers.COMPOSED)]
    for count in extent.fitting((1024,), plan):
        label = f"{rate:,} requests/s, {counted(count, 'connection')}"
        plan.add(label, everybody, Workload(connections=count, rate=rate), generator=CHOPIN_LOAD.name)
    return plan


@_scenario("arena-baseline", "Sums: GET, POST and a chunked POST in turn")
def _arena_baseline(field: Field, extent: Extent) -> Plan:
    """What does a small response cost that depends on query and body, where two of three requests have a body?"""
    # Kept connections, and those that are reset after 10 requests.
    plan = Plan()
    for peer in field.peers():
        if not peer.has(servers.SUM_PATH):
            plan.skip(peer.name, f"it has no {servers.SUM_PATH}")
    first, *more = (request for request, _ in servers.SUMS)
    for count in extent.fitting((64, 512), plan):
        work = Workload(request=first, more_requests=tuple(more), connections=count)
        for label, resets_after in {"": None, ", 10 requests each": 10}.items():
            label = counted(count, "connection") + label
            work = replace(work, resets_after=resets_after)
            plan.add(label, field.all_that_add(), work, generator=CHOPIN_LOAD.name)
    return plan


@_scenario("typed", "POST /products: read, checked and sent back", reference=CHOPIN, rounds=7)
def _typed(field: Field, extent: Extent) -> Plan:
    """What does a body of 1 KiB cost that is read into a struct of 10 members, checked and written again?"""
    plan = Plan()
    plan.add(UNPIPELINED, field.all_that_check(), Workload(request="product"))
    return plan


@_scenario("generators", "By load generator", rounds=3)
def _generators(field: Field, extent: Extent) -> Plan:
    """How much of a figure comes from the load generator?"""
    plan = Plan()
    everybody = field.some(FLOOR, CHOPIN, *RIVALS[:1])
    for generator in ("wrk", CHOPIN_LOAD.name, "oha", "bombardier", "h2load"):
        plan.add(f"{generator}, {UNPIPELINED}", everybody, Workload(), generator=generator)
    for generator in ("wrk", "h2load"):
        plan.add(f"{generator}, {DEEP}", everybody, Workload(depth=servers.DEEPEST), generator=generator)
    return plan


@_scenario(
    "memory", "Memory of idle connections", reference=CHOPIN, quick_rounds=1, axis="idle connections", is_memory=True
)
def _memory(field: Field, extent: Extent) -> Plan:
    """How much memory does an idle connection take?"""
    plan = Plan()
    plan.skip(FLOOR, FLOOR_SPEAKS_NO_HTTP)
    everybody = [field.chopin(flags=(*QUIET, *IDLE_FOR_LONG)), *([] if extent.quick else field.peers())]
    for count in extent.fitting(IDLE_CONNECTIONS[extent.quick], plan):
        plan.add(counted(count, "connection"), everybody, Workload(connections=count), at=count)
    return plan


@_scenario("cores", "Over the number of cores", reference=CHOPIN, axis="cores of the server")
def _cores(field: Field, extent: Extent) -> Plan:
    """Does a second core serve as much as the first?"""
    # The load generator gets the other cores, at least as many as the server.
    plan = Plan()
    most = extent.cores // 2
    if most < 2:
        plan.skip("all rows", f"needs 4 cores, half of them for the load generator; here: {extent.cores}")
        return plan
    for count in sorted({*(2**power for power in range(most.bit_length())), most}):
        everybody = [field.chopin(workers=count), *field.peers(workers=count)]
        cpus = {"at": count, "server_cpus": count, "client_cpus": extent.cores - count}
        for label, depth in DEPTHS.items():
            many = Workload(connections=64 * count, depth=depth)
            plan.add(f"{label}, {counted(count, 'core')}", everybody, many, curve=label, **cpus)
    return plan


def _compare_builds(name: str, title: str, question: str, reference: str, other: str) -> None:
    """One source built in two ways. Pipelined too: unpipelined, the kernel's share of a request hides the rest."""

    @_scenario(name, title, question, reference=reference)
    def _(field: Field, extent: Extent) -> Plan:
        plan = Plan()
        folders = field.build_dir.parent
        variants = {one: builds.VARIANTS[one] for one in (reference, other)}
        for one, variant in variants.items():
            if reason := variant.why_missing(folders):
                plan.skip(one, reason)
        if plan.skips:
            plan.skip("all rows", "nothing to compare with")
            return plan
        built = [field.chopin(one, build_dir=folders / variant.folder) for one, variant in variants.items()]
        for path in (servers.PATH, "/"):
            for label, depth in DEPTHS.items():
                everybody = [contender.asked_for(path) for contender in built]
                plan.add(f"{path} {label}", everybody, Workload(depth=depth))
        return plan


_compare_builds(
    "allocator",
    "mimalloc and the system allocator",
    "What does mimalloc gain, above all on /, which allocates?",
    "system allocator",
    "portable",
)
_compare_builds("native", "For this CPU and for every x86-64-v3", "What does -march=native gain?", "portable", "native")
_compare_builds("lto", "Link-time optimisation", "What does it gain?", "without LTO", "portable")
_compare_builds("pgo", "Profile-guided optimisation", "What does it gain?", "portable", WITH_PROFILE)

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
