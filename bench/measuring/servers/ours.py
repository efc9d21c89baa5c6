"""Our own servers: chopin, the floor, and programs on chopin's library."""

from dataclasses import dataclass, replace
from pathlib import Path

from measuring.servers.program import (
    CHOPIN,
    FLOOR,
    HELLO,
    HELLO_ROUTES,
    PATH,
    PRODUCT_FAULTS,
    PRODUCT_ROUTES,
    PRODUCTS_PATH,
    SUM_PATH,
    SUM_ROUTES,
    SUMS,
    Exemption,
    Program,
    ServerError,
)

OPEN_PATH = "/open"  # of chopin_typed; GUARDED_PATH sends the same behind a guard
GUARDED_PATH = "/me"


@dataclass(frozen=True)
class Mode:
    """How chopin responds: what it reports about itself, and the environment variables that select it."""

    name: str
    response_class: str
    variables: tuple[tuple[str, str], ...] = ()


PREBUILT = Mode("performance", "prebuilt", (("REUSEPORT", "true"),))
COMPOSED = Mode("performance", "composed", (("REUSEPORT", "true"), ("FAST_ROUTES", "composed")))
STANDARD = Mode("standard", "composed")


def _command(build_dir: Path, program: str, *words: object) -> tuple[str, ...]:
    path = build_dir / program
    if not path.is_file():
        raise ServerError(f"{path} is missing: build a preset with CHOPIN_BENCH=ON, or give --build-dir")
    return (str(path.resolve()), *map(str, words))


def floor(build_dir: Path, port: int) -> Program:
    command = _command(build_dir, "bench/chopin_floor", port)
    return Program(FLOOR, command, ((PATH, HELLO),), exemptions=(Exemption.HEAD,))


def floor_of_sums(build_dir: Path, port: int) -> Program:
    """It cannot add, and always responds with the same sum."""
    command = _command(build_dir, "bench/chopin_floor", port, "sum")
    bodies = tuple((request, b"55") for request, _ in SUMS)
    routes = ((SUM_PATH, b"55"),)
    return replace(floor(build_dir, port), command=command, routes=routes, path=SUM_PATH, bodies=bodies)


def arena(build_dir: Path, port: int) -> Program:
    return Program(CHOPIN, _command(build_dir, "bench/chopin_arena", port), SUM_ROUTES, SUM_PATH, bodies=SUMS)


def typed(build_dir: Path, port: int, path: str = PRODUCTS_PATH) -> Program:
    """With declared routes."""
    me = rb'\{"id":"[0-9a-f-]{36}"\}'
    command = _command(build_dir, "bench/chopin_typed", port)
    routes = (*PRODUCT_ROUTES, (OPEN_PATH, me))
    return Program(CHOPIN, command, routes, path, bodies=(("bearer", me),), faults=PRODUCT_FAULTS)


def waiting(build_dir: Path, kind: str) -> Program:
    """Its loop also waits for something of this kind once `/wait` has been asked for."""
    command = _command(build_dir, "bench/chopin_waiting", 0, kind)
    return Program(kind, command, ((PATH, HELLO), ("/wait", kind.encode())))


def chopin(
    build_dir: Path,
    port: int,
    *flags: str,
    name: str = CHOPIN,
    mode: Mode = PREBUILT,
    path: str = PATH,
    workers: int = 1,
    environment: str = "production",
) -> Program:
    """A single worker is pinned from outside, like the floor. In production there are neither request ids nor
    a request log."""
    pinned = "true" if workers > 1 else "false"
    command = _command(build_dir, "chopin", "--port", port, "--workers", workers, "--pin-cpus", pinned, *flags)
    welcome = rf'\{{"name":"chopin",.*"mode":"{mode.name}","class":"{mode.response_class}",.*\}}'
    routes = (*HELLO_ROUTES, ("/", welcome.encode()))
    return Program(name, command, routes, path, (*mode.variables, ("ENVIRONMENT", environment)))


def is_in_development(program: Program) -> bool:
    """Then every response has another request id."""
    return ("ENVIRONMENT", "development") in program.variables
