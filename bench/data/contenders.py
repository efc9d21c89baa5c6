"""Who is measured on which route."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import peers
import servers
from servers import Program

CHOPIN = "chopin"
PGBENCH = "pgbench"

WORLD = rb'\{"id":\d+,"randomNumber":\d+\}'
WORLDS = rb"\[" + WORLD + rb"(," + WORLD + rb"){19}\]"
PAGE = rb"(?s)<!doctype html>.*Additional fortune added at request time\..*</html>\s*"
ITEMS = rb'(?s)\{.*"rating":\{"score":\d+,"count":\d+\}.*\}'


@dataclass(frozen=True)
class Route:
    """A path, and a pattern of its body."""

    path: str
    body: bytes


ROUTES = {
    "db": Route("/db", WORLD),
    "queries": Route("/queries?queries=20", WORLDS),
    "updates": Route("/updates?queries=20", WORLDS),
    "fortunes": Route("/fortunes", PAGE),
    "async-db": Route("/async-db?min=10&max=50&limit=50", ITEMS),
}


@dataclass(frozen=True)
class Contender:
    name: str
    program: Program


def of_route(name: str, build_dir: Path, port: int, url: str, pool: int) -> list[Contender]:
    """All servers that are there. `pool`: connections of each peer, which have no pipeline for all requests."""
    route = ROUTES[name]
    found = [Contender(CHOPIN, _chopin(build_dir, port, url, route.path))]
    if name == "queries":
        together = route.path.replace("/queries", "/queries/together")
        found.append(Contender("chopin, one Sync per request", _chopin(build_dir, port, url, together)))
        alone = _chopin(build_dir, port, url, route.path, "--database-pipeline", "1")
        found.append(Contender("chopin, --database-pipeline 1", alone))
    for peer in peers.with_database():
        if peer.program is not None:
            found.append(Contender(peer.name, _told(peer.program, url, pool, route.path)))
    return found


def composed_json(build_dir: Path, port: int) -> Contender:
    """What a request costs without a database."""
    program = servers.chopin(build_dir, port, mode=servers.COMPOSED, path=servers.JSON_PATH)
    return Contender("chopin, composed /json", program)


def _chopin(build_dir: Path, port: int, url: str, path: str, *flags: str) -> Program:
    return with_database(servers.chopin(build_dir, port, *flags, mode=servers.COMPOSED, path=path), url)


def with_database(program: Program, url: str) -> Program:
    return replace(program, variables=(*program.variables, ("DATABASE_URL", url)))


def with_tokens(program: Program) -> Program:
    """Without a secret nobody can log in."""
    return replace(program, variables=(*program.variables, ("JWT_SECRET", secrets.token_hex(32))))


def _told(program: Program, url: str, pool: int, path: str) -> Program:
    variables = (("DATABASE_URL", url), ("DATABASE_MAX_CONN", str(pool)))
    return replace(program, path=path, variables=variables)
