"""Who is measured on which route."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import servers
from measuring.servers import CHOPIN, Program, peers

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


def programs_of(name: str, build_dir: Path, port: int, url: str, pool: int) -> dict[str, Program]:
    """All servers that are there. `pool`: connections of each peer, which have no pipeline for all requests."""
    path = ROUTES[name].path

    def chopin(path: str, *flags: str) -> Program:
        program = servers.chopin(build_dir, port, *flags, mode=servers.COMPOSED, path=path)
        return program.with_variables(DATABASE_URL=url)

    found = {CHOPIN: chopin(path)}
    if name == "queries":
        found["chopin, one Sync per request"] = chopin(path.replace("/queries", "/queries/together"))
        found["chopin, --database-pipeline 1"] = chopin(path, "--database-pipeline", "1")
    for peer in peers.with_database():
        if peer.program is not None:
            told = peer.program.with_variables(DATABASE_URL=url, DATABASE_MAX_CONN=str(pool))
            found[peer.name] = replace(told, path=path)
    return found


def composed_json(build_dir: Path, port: int) -> Program:
    """What a request costs without a database."""
    return servers.chopin(build_dir, port, mode=servers.COMPOSED, path=servers.JSON_PATH)


def with_tokens(program: Program) -> Program:
    """Without a secret nobody can log in."""
    return program.with_variables(JWT_SECRET=secrets.token_hex(32))
